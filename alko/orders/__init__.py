"""Orders: the car, the money, the papers, and where the car is."""

from alko.orders.routes import blueprint

__all__ = ["blueprint"]
