"""Mails that could not be delivered."""
