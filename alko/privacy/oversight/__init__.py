"""Watching over those who have access: alerts, and the register of breaches."""
