"""What other companies' systems tell us: signed messages from machine to machine."""

from alko.hooks.routes import blueprint

__all__ = ["blueprint"]
