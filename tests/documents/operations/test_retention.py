"""How long papers stay: the delivery, the tax law and the end of the order decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from alko.demo.factories import Factory
from alko.demo.stories import purchase
from alko.documents import operations
from alko.models.document import PaperKind, PaperStatus
from alko.models.transaction import Delivery, OrderStatus
from alko.privacy.lifecycle import retention
from alko.sales import operations as sales
from alko.vault.stores import Store
from tests.documents.operations.owner import (
    Client,
)


@pytest.mark.promise("P22")
@pytest.mark.parametrize("status", list(PaperStatus))
@pytest.mark.parametrize("kind", list(PaperKind))
def test_only_accepted_receipts_stay(kind: PaperKind, status: PaperStatus) -> None:
    stays = kind is PaperKind.FINANCIAL and status is PaperStatus.ACCEPTED
    assert bool(operations.why_not_removable(kind.value, status.value)) is stays
    assert bool(operations.why_not_removable(kind.value, status.value, 2024)) is stays


@pytest.mark.promise("P19", "P22")
@pytest.mark.parametrize("stored_settings", ["local"], indirect=True)
class TestRetention:
    def test_delivery_sets_the_end_of_identity_papers(
        self, client: Client, factory: Factory
    ) -> None:
        papers = [client.add(bytes([n]), kind) for n, kind in enumerate(PaperKind)]
        other = client.add(order=factory.order(client.id).pk)
        delivered = datetime(2026, 3, 1, 12, tzinfo=UTC)
        for _ in range(2):
            assert sales.delivery_done(client.id, client.order, delivered) == 3
        ends = {client.record(p).kind: client.record(p).erase_after for p in papers}
        assert ends.pop("financial") is None
        assert set(ends.values()) == {datetime(2026, 3, 31, 12, tzinfo=UTC)}
        assert client.record(other).erase_after is None

    def test_a_paper_that_crosses_with_the_delivery_is_dated_too(
        self, client: Client, factory: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = datetime.now(UTC)
        bought = purchase(factory, factory.client(), now - timedelta(days=100))
        assert bought.delivery
        number = bought.delivery.pk
        owner = Client(bought.order.client, bought.order.pk)
        delivered = now.replace(microsecond=0)
        together = operations.together

        def delivered_before(change: Callable[..., None]) -> None:
            Delivery.raw().update_one({"_id": number}, {"$set": {"delivered_at": delivered}})
            sales.delivery_done(owner.id, owner.order, delivered)
            together(change)

        monkeypatch.setattr(operations, "together", delivered_before)
        paper = owner.add()
        assert owner.record(paper).erase_after == retention.documents_end(delivered)

    def test_after_the_order_nothing_more_is_taken(
        self, client: Client, store: Store, factory: Factory
    ) -> None:
        now = datetime.now(UTC)
        cancelled = factory.order(client.id, OrderStatus.CANCELLED, now)
        delivered = factory.order(client.id, OrderStatus.DELIVERED, now - timedelta(days=31))
        for order in (cancelled, delivered):
            with pytest.raises(operations.NotNeeded):
                client.add(order=order.pk)
        assert list(store.keys()) == []

    def test_shortly_after_delivery_a_paper_has_its_date_at_once(
        self, client: Client, factory: Factory
    ) -> None:
        closed = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
        order = factory.order(client.id, OrderStatus.DELIVERED, closed)
        paper = client.add(order=order.pk)
        assert client.record(paper).erase_after == closed + timedelta(days=30)

    @pytest.mark.promise("P21")
    def test_receipts_live_under_the_year_of_their_order(
        self, client: Client, factory: Factory
    ) -> None:
        closed = datetime(datetime.now(UTC).year - 1, 5, 1, tzinfo=UTC)
        order = factory.order(client.id, OrderStatus.DELIVERED, closed)
        receipt = client.record(client.add(kind=PaperKind.FINANCIAL, order=order.pk))
        assert receipt.closed_year == closed.year
        assert receipt.key_name().endswith(f"/ledger/{closed.year}")
        assert receipt.erase_after == retention.transactions_end(closed)
        open_one = client.record(client.add(kind=PaperKind.FINANCIAL))
        assert open_one.key_name().endswith("/ledger/open")
        assert open_one.erase_after is None
