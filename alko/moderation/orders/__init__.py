"""The desk for orders: payments against receipts, and news of the delivery."""
