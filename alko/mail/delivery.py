"""Sending what is due: at least once, and never twice for the same mail within its lease.

Each claim counts as an attempt, also one whose sender did not live to say what became of it. Where
the mail never came as far as the server the attempt is given back: such a mail waits, it does not
fail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

from pymongo import ReturnDocument

from alko.database.keyring import KeyDestroyed
from alko.database.records import CHANGED, ConcurrentChange
from alko.mail import outage
from alko.mail.errors import RecipientRefused, SendingFailed, ServerUnreachable
from alko.mail.kinds import MAILS, MailKind, job_of
from alko.mail.messages import Render, compose
from alko.mail.transports import Transport, transport_for
from alko.models.communication import Mail, MailDetails, MailStatus
from alko.privacy.accountability.events import Event
from alko.privacy.accountability.ledger import LedgerUnavailable
from alko.privacy.door.access import Actor, Restricted
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.identity import accounts
from alko.privacy.identity.tokens import Links
from alko.privacy.rights import marketing
from alko.privacy.rights.marketing import MarketingRefused
from alko.privacy.vocabulary import Purpose
from config import Settings

LEASE = timedelta(minutes=10)
"""How long a claimed mail belongs to its sender; after a crash it is due again."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 8, 20, 60, 150, 360))
"""Before each further attempt that reached the server: about ten hours in all."""

MAXIMUM_ATTEMPTS = len(WAITS) + 1

UNTRIED: dict[type[Exception], timedelta] = {
    ServerUnreachable: outage.PAUSE,
    LedgerUnavailable: timedelta(minutes=1),
    Restricted: timedelta(hours=1),
}
"""Why a mail may not come as far as the server, and how long it then waits."""

logger = logging.getLogger("alko.mail")


class Outcome(Enum):
    """What became of one claimed mail."""

    SENT = auto()
    FAILED = auto()
    UNREACHABLE = auto()
    """Failed for a reason that would befall every other mail as well."""
    DEAD = auto()
    LOST = auto()
    """Erased meanwhile, or somebody else's after our lease ran out."""
    WITHDRAWN = auto()
    """Marketing that its reader stopped while it waited."""


CLOSED = {
    MailStatus.SENT: Outcome.SENT,
    MailStatus.DEAD: Outcome.DEAD,
    MailStatus.WITHDRAWN: Outcome.WITHDRAWN,
}


@dataclass
class Result:
    """How many mails were sent, failed for now, and were given up; how many wait for a server that
    cannot be reached."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    waiting: int = 0

    def count(self, outcome: Outcome) -> None:
        self.sent += outcome is Outcome.SENT
        self.failed += outcome in (Outcome.FAILED, Outcome.UNREACHABLE)
        self.dead += outcome is Outcome.DEAD


def flush(
    settings: Settings, render: Render, *, stopping: Callable[[], bool] = lambda: False
) -> Result:
    """Send every mail that is due. Several processes may do so at once.

    Where the server cannot be reached no mail is opened, and what is left stays due. Ends early
    when ``stopping`` says so. Errors of the database are raised; a mail claimed then is due again
    after its lease.
    """
    result = Result()
    transport = transport_for(settings)
    if not _waiting(limit=1):
        return result
    try:
        transport.connect()
        outage.over()
        while not stopping() and (claimed := _claim()):
            outcome = _deliver(settings, render, transport, claimed)
            result.count(outcome)
            if outcome is Outcome.UNREACHABLE:
                break
    except ServerUnreachable as error:
        _log(error)
        now = datetime.now(UTC)
        outage.note(now)
        result.dead = outage.give_up_old(now)
        result.waiting = _waiting()
    finally:
        transport.close()
    return result


def _waiting(limit: int = 0) -> int:
    options = {"limit": limit} if limit else {}
    return int(Mail.raw().count_documents(outage.due(datetime.now(UTC)), **options))


def _claim() -> dict[str, Any] | None:
    """Take the mail that is due longest, in one atomic step; None when nothing is due.

    The new revision makes whoever held the mail before fail to save it.
    """
    now = datetime.now(UTC)
    found: dict[str, Any] | None = Mail.raw().find_one_and_update(
        outage.due(now),
        {"$set": {"next_attempt_at": now + LEASE}, "$inc": {"attempts": 1, "revision": 1}},
        projection={"client": 1, "kind": 1, "attempts": 1, "revision": 1},
        sort=[("next_attempt_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return found


def _deliver(
    settings: Settings, render: Render, transport: Transport, claimed: dict[str, Any]
) -> Outcome:
    # A mail that ended its sender each time is not tried for ever.
    if claimed["attempts"] > MAXIMUM_ATTEMPTS:
        return _give_up_unread(claimed)
    try:
        mail, details = _opened(claimed)
    except KeyDestroyed:
        return _give_up_unread(claimed)
    except NoSuchRecord:
        return Outcome.LOST
    except (LedgerUnavailable, Restricted) as error:
        return _put_off(claimed, error)
    try:
        kind, context = MailKind(mail.kind), details.context
        if MAILS[kind].marketing:
            marketing.check(mail.client, accounts.email_index(details.to))
            token = marketing.token(Links(settings.secret_key), mail.client, details.to)
            context = {**context, "unsubscribe": f"/news/unsubscribe/{token}"}
        content = render(kind, context)
        transport.send(compose(settings, content, mail.pk, mail.recorded_at, details.to))
    except MarketingRefused:
        return _close(mail, details, MailStatus.WITHDRAWN)
    except RecipientRefused as error:
        _log(error)
        return _close(mail, details, MailStatus.DEAD)
    except ServerUnreachable as error:
        return _put_off(claimed, error)
    except Exception as error:  # one mail that cannot be made or sent must not stop the others
        if claimed["attempts"] >= MAXIMUM_ATTEMPTS:
            _log(error)
            return _close(mail, details, MailStatus.DEAD)
        return _put_off(claimed, error)
    return _close(mail, details, MailStatus.SENT)


def _opened(claimed: dict[str, Any]) -> tuple[Mail, MailDetails]:
    """The mail with its address, through the one door: the ledger knows before we do (P17)."""
    dossier = Dossier.open(
        claimed["client"],
        Actor.job(job_of(claimed["kind"])),
        Purpose.COMMUNICATION,
        categories=["mails"],
        event=Event.MAIL_SENT,
        details={"kind": claimed["kind"]},
    )
    return dossier.record(Mail, id=claimed["_id"], revision=claimed["revision"])


def _close(mail: Mail, details: MailDetails, status: MailStatus) -> Outcome:
    """Once a mail is sent its links go, and the evidence of sending stays (P36). A dead one keeps
    them, sealed, so that staff can have it tried again."""
    mail.status = status.value
    mail.next_attempt_at = None
    try:
        if status is MailStatus.SENT:
            mail.sent_at = datetime.now(UTC)
            mail.seal(MailDetails(to=details.to))
        mail.save()
    except (KeyDestroyed, ConcurrentChange):
        return Outcome.LOST
    return CLOSED[status]


def _give_up_unread(claimed: dict[str, Any]) -> Outcome:
    """Without opening it: its key is destroyed, or whoever opened it did not survive that."""
    _update(claimed, {"status": MailStatus.DEAD.value, "next_attempt_at": None})
    return Outcome.DEAD


def _put_off(claimed: dict[str, Any], error: Exception) -> Outcome:
    """Until its next attempt; one that never came as far as the server is not counted."""
    _log(error)
    pause, attempts = UNTRIED.get(type(error)), claimed["attempts"]
    if pause is None:
        pause = WAITS[min(attempts, len(WAITS)) - 1]
    else:
        attempts -= 1
    _update(claimed, {"next_attempt_at": datetime.now(UTC) + pause, "attempts": attempts})
    return Outcome.UNREACHABLE if isinstance(error, ServerUnreachable) else Outcome.FAILED


def _update(claimed: dict[str, Any], changes: dict[str, Any]) -> None:
    """Change a claimed mail, unless it became somebody else's meanwhile."""
    mine = {"_id": claimed["_id"], "revision": claimed["revision"]}
    Mail.raw().update_one(mine, {"$set": changes, "$inc": {"revision": 1}, **CHANGED})


def _log(error: Exception) -> None:
    """Only our own errors are quoted: the text of others may hold an address."""
    reason = str(error) if isinstance(error, SendingFailed) else type(error).__name__
    logger.warning("a mail was not sent: %s", reason)
