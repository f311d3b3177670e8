"""The ledger of client@demo.example: what happened to the data, as the portal would note it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.demo.stories import Happening
from alko.models.staff import StaffRole
from alko.privacy.accountability.chain import timestamp
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.inventory import CATEGORIES
from alko.privacy.vocabulary import Purpose

OVERRIDES = (
    (
        timedelta(days=12, hours=4),
        ("contact", "deliveries", "orders"),
        Purpose.SERVICE,
        "Customs in Le Havre asked whether the consignee's address on the waybill is current.",
    ),
    (
        timedelta(days=158, hours=2),
        ("documents", "identity"),
        Purpose.LEGAL,
        "Anti-fraud check: another client gave a passport number that differs by one digit.",
    ),
)
"""When before now, which categories, for which purpose and reason the officer looked."""


@dataclass(frozen=True)
class Trail:
    """The facts of the history which the ledger repeats."""

    client: ObjectId
    officer: ObjectId
    now: datetime
    opened: datetime
    new_policy_shown: datetime
    analytics: tuple[datetime, datetime]
    sign_ins: list[datetime]
    mails: list[tuple[datetime, str]]
    payment: ObjectId
    passport: ObjectId


def happenings(trail: Trail) -> Iterator[Happening]:
    """Everything but the opening of the account, which its opening notes itself."""
    yield from _policy_and_choices(trail)
    yield from _sessions(trail)
    yield from _mails(trail)
    yield from _staff(trail)


def _policy_and_choices(trail: Trail) -> Iterator[Happening]:
    me = Actor.client(trail.client)

    def notice(at: datetime, event: Event, version: str) -> Happening:
        return Happening(at, event, me, Purpose.LEGAL, ("notices",), {"version": version})

    def choice(at: datetime, name: str, granted: bool) -> Happening:
        details = {"choice": name, "granted": granted}
        return Happening(at, Event.CHOICE_MADE, me, Purpose.LEGAL, ("consents",), details)

    yield notice(trail.opened + timedelta(seconds=1), Event.NOTICE_SHOWN, "2023-03")
    yield notice(trail.opened + timedelta(minutes=6), Event.NOTICE_READ, "2023-03")
    yield notice(trail.new_policy_shown, Event.NOTICE_SHOWN, "2024-01")
    yield choice(trail.opened + timedelta(minutes=3), "marketing", False)
    yield choice(trail.analytics[0], "analytics", True)
    yield choice(trail.analytics[1], "analytics", False)


def _sessions(trail: Trail) -> Iterator[Happening]:
    """Each sign-in, and in some of them a look at one's own data."""
    me, portal = Actor.client(trail.client), Actor.job(Job.SIGN_IN)
    shown = ("identity", "contact", "orders", "deliveries", "documents", "sign-ins")
    for number, at in enumerate(trail.sign_ins):

        def later(seconds: int, event: Event, at: datetime = at, **more: Any) -> Happening:
            more.setdefault("purpose", Purpose.LEGAL)
            return Happening(at + timedelta(seconds=seconds), event, me, **more)

        yield Happening(
            at - timedelta(seconds=1),
            Event.SIGN_IN_ATTEMPTED,
            portal,
            Purpose.SECURITY,
            ("account",),
        )
        yield later(0, Event.SIGNED_IN, purpose=Purpose.SECURITY)
        if number % 4 == 1:
            yield later(21, Event.OVERVIEW_SHOWN, categories=tuple(CATEGORIES))
            slug = shown[number // 4 % len(shown)]
            yield later(48, Event.CATEGORY_SHOWN, categories=(slug,))
        if number == 9:
            revealed = {"field": "account_ending", "record": str(trail.payment)}
            yield later(70, Event.VALUE_REVEALED, categories=("payments",), details=revealed)
        if number == 24:
            opened = {"record": str(trail.passport)}
            yield later(95, Event.DOCUMENT_OPENED, categories=("documents",), details=opened)
        if number == 17:
            yield later(130, Event.REAUTHENTICATED, purpose=Purpose.SECURITY)
            yield later(131, Event.COPY_TAKEN, categories=tuple(CATEGORIES))
            began = {"began": timestamp(at + timedelta(seconds=131))}
            yield later(134, Event.COPY_COMPLETED, categories=tuple(CATEGORIES), details=began)


def _mails(trail: Trail) -> Iterator[Happening]:
    portal = Actor.job(Job.MAIL)
    for at, kind in trail.mails:
        details = {"kind": kind}
        if kind == "password_changed":
            me = Actor.client(trail.client)
            yield Happening(at, Event.PASSWORD_CHANGED, me, Purpose.SECURITY, ("account",))
        for seconds, event in ((1, Event.MAIL_WRITTEN), (2, Event.MAIL_SENT)):
            moment = at + timedelta(seconds=seconds)
            yield Happening(moment, event, portal, Purpose.COMMUNICATION, ("mails",), details)


def _staff(trail: Trail) -> Iterator[Happening]:
    officer = Actor.staff(trail.officer, StaffRole.OFFICER)
    for ago, categories, purpose, reason in OVERRIDES:
        at = trail.now - ago
        told = {"reference": f"O-{at.year}-{at:%m%d%H%M}"}
        yield Happening(at, Event.OVERRIDE, officer, purpose, categories, told, reason=reason)
