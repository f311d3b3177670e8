"""My data: everything held about the client, who looked at it, and a copy to take away."""

from alko.my_data.blueprint import blueprint

__all__ = ["blueprint"]
