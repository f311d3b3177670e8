"""The six rights over personal data, from the request to what is done."""
