"""Disclosures: who outside ALKO got which of a client's data, and only what they may (P9, P10).

``disclose`` is called before anything leaves. It writes the ledger and the record first, so that a
crash leaves a record of what was not sent rather than the reverse; if it raises, nothing is sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError

from alko.models.disclosure import Disclosure, DisclosureDetails
from alko.models.recipient import Agreement
from alko.privacy import references
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door import grounds
from alko.privacy.door.access import AccessDenied, Actor
from alko.privacy.door.dossier import Dossier
from alko.privacy.sharing import recipients
from alko.privacy.sharing.recipients import NoAgreement
from alko.privacy.vocabulary import Purpose, Recipient

ATTEMPTS = 5


class NotAllowed(Exception):
    """The recipient's list does not have these details; ``data`` names them (P9)."""

    def __init__(self, data: Collection[str]) -> None:
        super().__init__("not on the recipient's list")
        self.data = sorted(data)


@dataclass(frozen=True)
class Holder:
    """A company that got data of a client: which, and when last."""

    agreement: ObjectId
    """Under which it got some last."""
    recipient: Recipient
    company: str
    last: datetime
    data: frozenset[str]
    references: tuple[str, ...]

    @property
    def can_read(self) -> bool:
        """Whether it got more than encrypted files."""
        return self.recipient not in recipients.CIPHERTEXT_ONLY


def disclose(
    client: ObjectId,
    actor: Actor,
    recipient: Recipient,
    data: Iterable[str],
    purpose: Purpose,
    occasion: str,
    *,
    under: ObjectId | None = None,
) -> Disclosure:
    """Record that these details (``category.field``) go to a recipient now, and allow it.

    ``under`` names the agreement, and by that the company; see recipients.in_force().
    Raises NoAgreement (P10), NotAllowed (P9), AccessDenied (Restricted while the use of the data
    is restricted, P31), LedgerUnavailable: then nothing may be sent.
    """
    wanted = sorted(set(data))
    if beyond := set(wanted) - recipients.allowed(recipient):
        raise NotAllowed(beyond)
    if not wanted:
        raise ValueError("a disclosure of nothing")
    now = datetime.now(UTC)
    agreement = recipients.in_force(recipient, under, now)
    for _ in range(ATTEMPTS):
        reference = references.new("D", now)
        details = {
            "recipient": recipient.value,
            "reference": reference,
            "fields": [one.partition(".")[2] for one in wanted],
        }
        slugs = recipients.categories_of(wanted)
        if recipient in recipients.CIPHERTEXT_ONLY:
            # Nothing is read for it: whoever stores a file may, and a restriction allows storing.
            ledger.append(
                client, Event.DISCLOSED, actor, purpose, categories=slugs, details=details
            )
        else:
            Dossier.open(
                client,
                actor,
                purpose,
                categories=slugs,
                event=Event.DISCLOSED,
                details=details,
            )
        record = Disclosure.sealing(
            DisclosureDetails(
                company=agreement.company, bound_by=agreement.reference, occasion=occasion
            ),
            client=client,
            recorded_at=now,
            reference=reference,
            recipient=recipient.value,
            agreement=agreement.pk,
            purpose=purpose.value,
            data=wanted,
        )
        try:
            record.save()
            return record
        except NotUniqueError:
            continue
    raise RuntimeError("no free reference was found")


def by_hand(actor: Actor, agreement: ObjectId, data: Iterable[str], occasion: str) -> Disclosure:
    """Record what a member of staff passes on, under this agreement, for the client of their case;
    see disclose()."""
    client = grounds.client_of(actor.case)
    if client is None:
        raise AccessDenied("there is no such case")
    bound = recipients.find(agreement)
    if bound is None:
        raise NoAgreement(str(agreement))
    recipient = Recipient(bound.code)
    return disclose(client, actor, recipient, data, Purpose.FINANCE, occasion, under=bound.pk)


def holders(client: ObjectId, records: Collection[ObjectId] | None = None) -> list[Holder]:
    """The companies that got data of this client, by the clear fields of the records.

    With ``records`` by these disclosures only.
    """
    only = {} if records is None else {"_id": {"$in": list(records)}}
    fields = {"agreement": 1, "recipient": 1, "recorded_at": 1, "data": 1, "reference": 1}
    found = list(Disclosure.raw().find({"client": client, **only}, fields).sort("recorded_at", 1))
    bound = Agreement.objects(id__in=[one["agreement"] for one in found]).only("company")
    companies = {one.pk: one.company for one in bound}
    by_company: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        by_company[one["recipient"], companies.get(one["agreement"], "")].append(one)
    return [
        Holder(
            agreement=group[-1]["agreement"],
            recipient=Recipient(recipient),
            company=company,
            last=group[-1]["recorded_at"],
            data=frozenset(detail for one in group for detail in one["data"]),
            references=tuple(one["reference"] for one in group),
        )
        for (recipient, company), group in by_company.items()
    ]


def counts() -> dict[ObjectId, int]:
    """How many disclosures were made under each agreement."""
    found = Disclosure.raw().aggregate([{"$group": {"_id": "$agreement", "count": {"$sum": 1}}}])
    return {group["_id"]: group["count"] for group in found}
