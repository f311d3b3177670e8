"""Addresses that somebody sent: read without trust."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from flask import request


def parts_of(address: str) -> SplitResult | None:
    """The parts of an address that somebody sent, None where it is none (like ``http://[``)."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def safe_target(address: str | None) -> str | None:
    """The address if it is a path on this site, otherwise None (no open redirect)."""
    if not address or "\\" in address or not address.isprintable():
        return None
    parts = parts_of(address)
    if (
        parts is None
        or parts.scheme
        or parts.netloc
        or not address.startswith("/")
        or address.startswith("//")
    ):
        return None
    return address


def page_of_form() -> str | None:
    """The path of the page that held the form which was sent, where the browser says so."""
    source = parts_of(request.headers.get("HX-Current-URL") or request.referrer or "")
    return safe_target(source.path) if source and source.netloc == request.host else None


def from_this_site() -> bool:
    """Whether the browser says that what it sends comes from a page of this portal."""
    origin = parts_of(request.headers.get("Origin") or request.referrer or "")
    return origin is not None and origin.netloc == request.host
