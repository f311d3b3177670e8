"""One form for every spelling of an email address: what forms, look-ups and limits go by."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


class NoAddress(ValueError):
    """The text is no email address."""


def usual_form(typed: str) -> str:
    """The address as it is stored, for instance with its domain in letters; NoAddress."""
    try:
        checked = validate_email(typed.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise NoAddress from None
    return checked.normalized


def comparable(typed: str) -> str:
    """The usual form; of what is no address the text itself."""
    try:
        return usual_form(typed)
    except NoAddress:
        return typed
