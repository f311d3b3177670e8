"""Why a message could not be handed over. No text of these holds an address."""

from __future__ import annotations


class SendingFailed(Exception):
    """Not this time; worth another attempt."""


class ServerUnreachable(SendingFailed):
    """There is nobody to talk to: other messages would fail alike."""


class RecipientRefused(SendingFailed):
    """The server refuses this recipient for good (a 5xx answer); not worth another attempt."""
