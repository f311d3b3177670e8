"""The pages of an order."""

from __future__ import annotations

from tests.orders.conftest import Buyer


def test_the_list_and_the_order(at_sea: Buyer) -> None:
    page = at_sea.portal.get("/orders")
    assert at_sea.number in page.main
    page = at_sea.portal.get(at_sea.path)
    assert page.h1 == f"{at_sea.bought.car.make} {at_sea.bought.car.model}"
    assert page.soup.select_one("svg.route-map .route-ship")
