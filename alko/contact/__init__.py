"""Contact: the form, the mail that is piped in, and the page of a case."""

from alko.contact.blueprint import blueprint

__all__ = ["blueprint"]
