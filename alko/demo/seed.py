"""The demo data: equal for equal days, written once, and completed after an interruption.

Every record's id follows from what it is, so that doing it again adds only what is missing. The
day that the data looks back from is noted before the first record, and that all is there after
the last (in the lease ``demo-seed``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bson import ObjectId

from alko.demo import crowd, inbox, open_requests, processors, rich_client, waiting_work
from alko.demo.accounts import STAFF, TOTP_SECRET
from alko.demo.factories import Factory
from alko.demo.maker import in_milliseconds
from alko.demo.policy_history import demo_earlier_lines
from alko.models.client import Client, ClientStatus
from alko.models.housekeeping import Lease, PolicyVersion
from alko.news import store as news
from alko.policy import store
from alko.vault.access import vault_of
from alko.words import N_
from config import Settings

JOB = "demo-seed"
SEED = "alko-demo-1"
EARLIER_VERSION = "2023-03"
EARLIER_DATE = datetime(2023, 3, 1, tzinfo=UTC)
EARLIER_SUMMARY = N_("The first published policy of ALKO Cars.")
NEWS_TITLE = "Electric cars: shorter delivery from March"
NEWS_TEXT = """From March on, two ships a month carry electric cars to Constanța.

Orders of the spring arrive about three weeks sooner than those of last year."""

Echo = Callable[[str], object]


class DemoRefused(Exception):
    """Demo data must not be written here. The message says why."""


def seed_if_empty(settings: Settings, echo: Echo = print, *, now: datetime | None = None) -> bool:
    """Fill an empty database; returns whether anything was written. Raises DemoRefused.

    The database is connected and prepared. ``now`` is the day that the data looks back from.
    """
    refuse_in_production(settings)
    lease = Lease.objects(job=JOB).first()
    if lease is None and Client.raw().find_one({"status": ClientStatus.ACTIVE.value}, {"_id": 1}):
        return False
    # Before anything is written, for production must refuse a half-filled instance as well.
    mark(settings.instance)
    if lease is None:
        lease = Lease(job=JOB, holder="seed", until=in_milliseconds(now or datetime.now(UTC)))
        lease.save()
    if lease.last_success is not None:
        return False
    _seed(settings, lease.until, echo)
    Lease.objects(id=lease.id).update_one(set__last_success=datetime.now(UTC))
    return True


def refuse_in_production(settings: Settings) -> None:
    """Raises DemoRefused; commands ask before they start a database."""
    if settings.production:
        raise DemoRefused(
            "production refuses demo data; set ALKO_ENV=development to try the portal"
        )


def mark(instance: Path) -> None:
    """Leave the file on which production refuses to start (config.py)."""
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    (instance / "demo").write_text("This folder holds demo data.\n")


def _seed(settings: Settings, now: datetime, echo: Echo) -> None:
    vault = vault_of(settings)

    def factory(part: str) -> Factory:
        """Each part has its own chance, so that a change in one leaves the others as they were."""
        return Factory(f"{SEED}/{part}", now=now, vault=vault, identify=lasting_id)

    _earlier_policy()
    _news()
    echo("Demo data: staff")
    staff = _staff(factory("staff"))
    officer = staff[open_requests.OFFICER]
    echo("Demo data: the client with a rich history")
    rich_client.tell(factory("rich"), officer, processors.register(factory("processors")))
    echo("Demo data: a hundred other clients")
    crowd.second_client(factory("other"))
    inbox.fill(factory("inbox"), staff[open_requests.AGENT])
    crowd.crowd(factory("crowd"), lambda made: made % 25 or echo(f"Demo data: {made} of 100"))
    echo("Demo data: open requests")
    open_requests.tell(factory("requests"), staff)
    waiting_work.tell(factory("waiting"), staff[open_requests.AGENT])


def lasting_id(label: str) -> ObjectId:
    """The same id for the same record, each time it is made."""
    return ObjectId(hashlib.sha256(f"{SEED}/{label}".encode()).digest()[:12])


def _earlier_policy() -> None:
    if PolicyVersion.objects(version=EARLIER_VERSION).first() is None:
        store.publish(
            EARLIER_VERSION,
            EARLIER_SUMMARY,
            EARLIER_DATE,
            EARLIER_DATE,
            demo_earlier_lines(),
        )


def _news() -> None:
    """One piece of news, so that its page has something to show; nobody is mailed."""
    with suppress(news.NameTaken):
        news.publish("electric-cars", NEWS_TITLE, NEWS_TEXT)


def _staff(factory: Factory) -> dict[str, ObjectId]:
    """Make the staff; returns their numbers by address."""
    with factory.gathering():
        return {
            one.email: ObjectId(
                factory.staff_member(one.role, one.email, one.full_name, TOTP_SECRET).pk
            )
            for one in STAFF
        }
