"""Orders as the client's pages and the staff's desk share them: money, invoices, deliveries."""
