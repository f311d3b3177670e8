"""Cases: what people write to us, whether they have an account or not."""
