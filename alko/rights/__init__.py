"""The six rights: what each does, filing and following requests, deletion with its plan."""

from alko.rights.blueprint import blueprint

__all__ = ["blueprint"]
