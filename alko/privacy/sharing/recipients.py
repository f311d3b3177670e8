"""Who may get a client's data outside ALKO, and under which agreement (promises P8-P10).

The register holds agreements with companies. Which details a recipient may get follows from the
inventory alone, so that the policy, the pages and the check say the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.models.recipient import Agreement
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.inventory import CATEGORIES, Kind
from alko.privacy.vocabulary import Purpose, Recipient

CIPHERTEXT_ONLY = frozenset({Recipient.CLOUD_STORAGE})
"""Recipients who get nothing that they could read: what concerns its content tells them nothing,
and erasing it is done by removing the files."""


class AgreementRefused(ValueError):
    """Such an agreement cannot be entered: it ends before it begins, or is there already."""


class NoAgreement(Exception):
    """No unexpired agreement binds such a recipient, so nothing is disclosed (P10)."""


@cache
def allowed(recipient: Recipient) -> frozenset[str]:
    """The details that such a recipient may get, as ``category.field`` (P9).

    Operational references are on it only where the inventory names the recipient for them.
    """
    return frozenset(
        f"{chosen.slug}.{field.name}"
        for chosen in CATEGORIES.values()
        for field in chosen.fields
        if recipient in chosen.recipients_of(field)
        and field.kind is not Kind.SECRET
        and (field.kind is not Kind.INTERNAL or field.recipients is not None)
    )


def in_force(
    recipient: Recipient, named: ObjectId | None = None, now: datetime | None = None
) -> Agreement:
    """The agreement under which such a recipient gets data now; NoAgreement where it does not hold.

    People name it. What the portal sends by itself goes to the one company that it is set up with:
    the last that signed, for a new one is bound before it gets the first file.
    """
    found: Agreement | None = (
        Agreement.objects(code=recipient.value, **_valid(now or datetime.now(UTC)))
        .filter(**({"id": named} if named else {}))
        .order_by("-signed_on", "-recorded_at")
        .first()
    )
    if found is None:
        raise NoAgreement(recipient.value)
    return found


def choices(now: datetime | None = None) -> list[Agreement]:
    """The agreements under which people may pass on data now, by company."""
    kinds = [one.value for one in Recipient if one not in CIPHERTEXT_ONLY]
    valid = _valid(now or datetime.now(UTC))
    return list(Agreement.objects(code__in=kinds, **valid).order_by("company", "reference"))


def is_in_force(agreement: Agreement, now: datetime) -> bool:
    """Whether it binds the company at that moment; it does until the end of its last day."""
    over = agreement.ended_at is not None and agreement.ended_at <= now
    return not over and agreement.signed_on <= now < agreement.expires_on + timedelta(days=1)


def _valid(now: datetime) -> dict[str, object]:
    return {
        "signed_on__lte": now,
        "expires_on__gt": now - timedelta(days=1),
        "ended_at": None,
    }


def register() -> list[Agreement]:
    """Every agreement, by recipient, the one that lasts longest first."""
    return list(Agreement.objects.order_by("code", "company", "-expires_on"))


def find(agreement: ObjectId) -> Agreement | None:
    """One agreement by its number."""
    found: Agreement | None = Agreement.objects(id=agreement).first()
    return found


def enter(
    actor: Actor,
    recipient: Recipient,
    company: str,
    reference: str,
    signed_on: date,
    expires_on: date,
    contact: str = "",
) -> Agreement:
    """Enter an agreement, a renewal included; AgreementRefused."""
    if expires_on < signed_on:
        raise AgreementRefused("it ends before it begins")
    agreement = Agreement(
        id=ObjectId(),
        code=recipient.value,
        company=company,
        contact=contact,
        reference=reference,
        signed_on=_midnight(signed_on),
        expires_on=_midnight(expires_on),
    )
    _log(actor, Event.AGREEMENT_ENTERED, agreement)
    try:
        agreement.save(force_insert=True)
    except NotUniqueError:
        raise AgreementRefused("it is in the register already") from None
    return agreement


def end(actor: Actor, agreement: ObjectId) -> bool:
    """End an agreement at once; False where there is none that could be ended."""
    found: Agreement | None = Agreement.objects(id=agreement, ended_at=None).first()
    if found is None:
        return False
    _log(actor, Event.AGREEMENT_ENDED, found)
    Agreement.objects(id=agreement, ended_at=None).update_one(set__ended_at=datetime.now(UTC))
    return True


def categories_of(data: Iterable[str]) -> frozenset[str]:
    """The categories that these details (``category.field``) belong to."""
    return frozenset(one.partition(".")[0] for one in data)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _log(actor: Actor, event: Event, agreement: Agreement) -> None:
    """In the chain of the member of staff: no client is concerned."""
    if actor.id is None:
        raise ValueError("agreements are entered by members of staff")
    details = {"recipient": agreement.code, "record": str(agreement.pk)}
    ledger.append(actor.id, event, actor, Purpose.LEGAL, details=details)
