"""Counts and times of the staff's work, as tables, drawings and CSV; no personal data."""
