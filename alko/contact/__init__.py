"""Contact: the form, the mail that is piped in, and the page of a case."""
