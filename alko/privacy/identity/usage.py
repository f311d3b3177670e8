"""Usage data: pages seen by a client who opted in to usage analysis (P5)."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from alko.models.technical import PageView, PageViewDetails
from alko.privacy.lifecycle import retention


def record(client: ObjectId, *, page: str, address: str, browser: str, seen_at: datetime) -> None:
    """Record one page view; ``page`` names a kind of page, ``address`` is truncated already.

    It has no ledger entry of its own: it is itself a line in the client's data.
    """
    PageView.sealing(
        PageViewDetails(page=page, address=address, browser=browser),
        client=client,
        recorded_at=seen_at,
        erase_after=retention.technical_ends(seen_at),
    ).save()
