"""The chains of the decoys end at their beginning: what is tried at unknown addresses (P19).

Each attempt writes an entry, as it would for an account (docs/decisions/0004-the-decoy.md). It is
technical information, and goes 12 months later; the rest of the chain still verifies.
"""

from __future__ import annotations

from datetime import datetime

from alko.models.activity import LedgerCheckpoint, LedgerEntry
from alko.privacy.accountability.ledger import DECOYS
from alko.privacy.lifecycle import clock
from alko.privacy.lifecycle.retention import TECHNICAL_MONTHS, add_months


def shorten(now: datetime) -> int:
    """Remove entries older than 12 months; returns how many. ClockDisagrees.

    Only what lies before the signed checkpoint, which goes on proving that no end was cut off.
    """
    clock.check(now)
    limit = add_months(now, -TECHNICAL_MONTHS)
    count = 0
    for chain in DECOYS:
        over = {"client": chain, "recorded_at": {"$lte": limit}}
        newest = [("recorded_at", -1), ("seq", -1)]
        last = LedgerEntry.raw().find_one(over, {"seq": 1}, sort=newest)
        checkpoint = LedgerCheckpoint.raw().find_one({"client": chain}, {"seq": 1})
        if last and checkpoint:
            ended = {"$lte": last["seq"], "$lt": checkpoint["seq"]}
            count += LedgerEntry.raw().delete_many({"client": chain, "seq": ended}).deleted_count
    return count
