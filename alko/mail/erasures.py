"""Executing erasures, and sending the receipt to an address that is then forgotten (P28)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from pymongo.errors import ConnectionFailure

from alko.database.keyring import KeyDestroyed
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.communication import Mail, MailStatus
from alko.models.erasure import ErasureRun, ErasureState
from alko.privacy.door.dossier import NoSuchRecord
from alko.privacy.lifecycle import clock, erasure

logger = logging.getLogger("alko.erasure")


class ErasureStuck(RuntimeError):
    """Some runs failed; they are tried again with the next call. The message has counts only."""


def run_due(
    remove_file: Callable[[str], None], replace_copies: Callable[[], object] = lambda: None
) -> int:
    """Execute or resume what is due, and see receipts off; returns how many runs were executed.

    ``replace_copies`` comes between, so that a receipt is sent only when no copy of ours holds a
    destroyed key. A run that fails keeps no other waiting: all the rest is done before ErasureStuck
    is raised. ClockDisagrees: an erasure that can still be cancelled must not begin early.
    """
    now = datetime.now(UTC)
    clock.check(now)
    runs, stuck = erasure.due(now), 0
    for run in runs:
        try:
            erasure.execute(run, remove_file)
        except ConnectionFailure:
            raise  # nor would the others succeed
        except Exception as error:  # whatever it is, it concerns this run alone
            stuck += 1
            logger.error("an erasure is stuck: run %s, %s", run, type(error).__name__)
    replace_copies()
    for done in ErasureRun.objects(state=ErasureState.DONE.value, sealed__exists=True):
        _see_receipt_off(done)
    if stuck:
        raise ErasureStuck(f"{stuck} of {len(runs)} erasures are stuck")
    return len(runs)


def _see_receipt_off(run: ErasureRun) -> None:
    """Write the mail; once it is sent or given up, forget the address. Each call does one step."""
    mine = {"client": run.client, "kind": MailKind.ERASURE_DONE.value}
    mail = Mail.raw().find_one(mine, {"status": 1})
    if mail is None:
        try:
            address = erasure.address_for_receipt(run)
        except (KeyDestroyed, NoSuchRecord):
            erasure.forget_address(run)
            return
        link = {"link": f"/rights/receipts/{erasure.tokened(run)}"}
        event = f"erasure/{run.pk}"
        outbox.write(
            MailKind.ERASURE_DONE, run.client, address, link, under=run.KEY_CLASS, event=event
        )
    elif mail["status"] != MailStatus.QUEUED.value:
        Mail.raw().delete_many(mine)
        erasure.forget_address(run)
