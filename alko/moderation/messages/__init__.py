"""The desk for what people write: threads, answers, notes (promises P32-P35)."""
