"""The register in words: agreements by recipient, what each may get, how much was passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from flask_babel import get_locale, gettext, ngettext

from alko.privacy import wording
from alko.privacy.sharing import disclosures, recipients, telling
from alko.privacy.vocabulary import RECIPIENTS, Recipient

SOON = timedelta(days=60)
"""How long before its end an agreement is shown as ending soon."""


@dataclass(frozen=True)
class Line:
    """One agreement."""

    id: str
    company: str
    reference: str
    signed: str
    expires: str
    state: str
    tone: str
    holds: bool
    disclosures: int


@dataclass(frozen=True)
class Group:
    """A kind of recipient with its agreements, and what it may get."""

    name: str
    bound: bool
    """Whether an agreement is in force: without one it gets nothing (P10)."""
    lines: list[Line]
    may_get: list[str]


def register(now: datetime | None = None) -> list[Group]:
    """Every kind of recipient of the inventory, with all of its agreements."""
    now = now or datetime.now(UTC)
    counts = disclosures.counts()
    found = recipients.register()
    groups = []
    for one in Recipient:
        lines = [_line(agreement, counts, now) for agreement in found if agreement.code == one]
        may_get = sorted(wording.code(detail, gettext) for detail in recipients.allowed(one))
        bound = any(line.holds for line in lines)
        groups.append(Group(gettext(RECIPIENTS[one]), bound, lines, may_get))
    return groups


def _line(agreement: Any, counts: dict[ObjectId, int], now: datetime) -> Line:
    holds = recipients.is_in_force(agreement, now)
    state, tone = _state(agreement, holds, now)
    return Line(
        id=str(agreement.pk),
        company=agreement.company,
        reference=agreement.reference,
        signed=day(agreement.signed_on),
        expires=day(agreement.expires_on),
        state=state,
        tone=tone,
        holds=holds,
        disclosures=counts.get(agreement.pk, 0),
    )


def _state(agreement: Any, holds: bool, now: datetime) -> tuple[str, str]:
    if agreement.ended_at is not None:
        return gettext("Ended on %(day)s", day=day(agreement.ended_at)), "neutral"
    if not holds:
        early = agreement.signed_on > now
        return (gettext("Not yet in force"), "neutral") if early else (gettext("Expired"), "error")
    left = agreement.expires_on - now
    if left <= SOON:
        days = max(0, left.days + 1)
        return ngettext("%(num)d day left", "%(num)d days left", days), "warning"
    return gettext("In force"), "success"


def notices() -> list[dict[str, str]]:
    """What somebody must tell a company, because it has no address in the register."""
    return [
        {
            "id": str(one.id),
            "company": one.company,
            "about": wording.code(one.about.value, gettext),
            "references": ", ".join(one.references),
            "data": "; ".join(wording.code(detail, gettext) for detail in one.data),
            "written": day(one.written),
        }
        for one in telling.waiting_for_people()
    ]


def day(moment: datetime) -> str:
    return wording.day(moment, get_locale())
