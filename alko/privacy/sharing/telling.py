"""Telling recipients: what was corrected, restricted or erased here holds there too (Art. 19).

A notice is written together with the change it tells of, or before it, and sent by the worker:
a crash in between delays it and loses nothing. It names disclosures by their references and holds
no personal data. Who got encrypted files only is told nothing: the files themselves are removed.
"""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bson import ObjectId
from bson.errors import InvalidId
from pymongo.client_session import ClientSession

from alko.database import connection
from alko.database.records import retried
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.models.disclosure import Disclosure, Told
from alko.models.recipient import Agreement, RecipientNotice
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier
from alko.privacy.identity import accounts
from alko.privacy.sharing import disclosures
from alko.privacy.sharing.disclosures import Holder
from alko.privacy.vocabulary import Purpose
from alko.words import N_


class About(StrEnum):
    """What a recipient is told."""

    CORRECTED = "corrected"
    RESTRICTED = "restricted"
    LIFTED = "restriction_lifted"
    ERASED = "erased"


ASKED: dict[About, str] = {
    About.CORRECTED: N_(
        "Details that you got from us were wrong or have changed, and were corrected here. "
        "Please do not use the former values any more, and take the corrected ones from us."
    ),
    About.RESTRICTED: N_(
        "The person has the use of this data restricted. Please only store it until we tell you "
        "that the restriction ended."
    ),
    About.LIFTED: N_("The restriction has ended. You may use the data again as agreed."),
    About.ERASED: N_(
        "The data was erased here at the person's request. Please erase it as well, with every "
        "copy, unless a law has you keep it."
    ),
}


@dataclass(frozen=True)
class Notice:
    """A notice as the company reads it."""

    id: ObjectId
    company: str
    about: About
    references: list[str]
    data: list[str]
    written: datetime
    told: datetime | None


def prepare(
    client: ObjectId,
    about: About,
    occasion: str,
    data: Iterable[str] = (),
    *,
    records: Collection[ObjectId] | None = None,
    session: ClientSession | None = None,
) -> list[Holder]:
    """Write the notices for all who could read this client's data; returns those companies.

    With ``data`` only for those who got one of these details, with ``records`` only about these
    disclosures. ``occasion`` names what happened (ids and codes): a second call for the same
    changes nothing. In a transaction with ``session``.
    """
    wanted = set(data)
    concerned = [
        one
        for one in disclosures.holders(client, records)
        if one.can_read and (not wanted or wanted & one.data)
    ]
    for one in concerned:
        notice = RecipientNotice(
            agreement=one.agreement,
            about=about.value,
            occasion=occasion,
            client=None if about is About.ERASED else client,
            references=list(one.references),
            data=sorted(wanted & one.data),
        )
        notice.validate()
        of = {"occasion": occasion, "agreement": one.agreement}
        fresh = {k: v for k, v in notice.to_mongo().items() if k not in of}
        RecipientNotice._get_collection().update_one(
            of, {"$setOnInsert": fresh}, upsert=True, session=session
        )
    return concerned


def send_due() -> int:
    """Send every notice that waits; returns how many. For the worker, one at a time."""
    waiting = RecipientNotice.objects(mailed_at=None, told_at=None).order_by("recorded_at")
    return sum(_sent(notice) for notice in waiting)


def _sent(notice: RecipientNotice) -> bool:
    to = _contact_of(notice.agreement)
    if not to:
        return False  # a member of staff tells them; the desk shows it
    _note(notice)
    # The company stands where a client's id stands: its mail outlives the person's erasure.
    accounts.create_keys(notice.agreement, ("account",))
    link = {"link": f"/rights/notices/{token_of(notice.pk)}"}
    event = f"notice/{notice.pk}"
    outbox.write(MailKind.RECIPIENT_NOTICE, notice.agreement, to, link, event=event)
    RecipientNotice.objects(id=notice.pk).update_one(set__mailed_at=datetime.now(UTC))
    return True


def _contact_of(agreement: ObjectId) -> str:
    """The newest address of the company, whichever of its agreements has it."""
    company = Agreement.objects(id=agreement).only("company", "code").first()
    if company is None:
        return ""
    newest = (
        Agreement.objects(company=company.company, code=company.code, contact__ne="")
        .order_by("-recorded_at")
        .only("contact")
        .first()
    )
    return str(newest.contact) if newest else ""


def _note(notice: RecipientNotice) -> None:
    """Note in the client's disclosures that the recipient is told, once each."""
    if notice.client is None:
        return
    query = {"client": notice.client, "reference": {"$in": notice.references}}
    found = list(Disclosure.raw().find(query, {"recipient": 1}))
    if not found:
        return
    dossier = Dossier.open(
        notice.client,
        Actor.job(Job.DISCLOSURE),
        Purpose.LEGAL,
        categories=["disclosures"],
        event=Event.RECIPIENT_TOLD,
        details={"recipient": found[0]["recipient"], "about": notice.about},
    )
    told = Told(
        on=notice.recorded_at.date().isoformat(),
        about=notice.about,
        data=", ".join(notice.data),
    )
    for one in found:
        retried(lambda one=one: _add(dossier, one["_id"], told))  # type: ignore[misc]


def _add(dossier: Dossier, record: ObjectId, told: Told) -> None:
    disclosure, details = dossier.record(Disclosure, id=record)
    if told in details.told:
        return
    disclosure.seal(dataclasses.replace(details, told=[*details.told, told]))
    disclosure.save()


def told_by_hand(actor: Actor, notice: ObjectId) -> bool:
    """A member of staff told the company; False where that was noted already."""
    found: RecipientNotice | None = RecipientNotice.objects(id=notice, told_at=None).first()
    if found is None or actor.id is None:
        return False
    _note(found)
    details = {"record": str(notice)}
    ledger.append(actor.id, Event.NOTICE_GIVEN, actor, Purpose.LEGAL, details=details)
    RecipientNotice.objects(id=notice).update_one(set__told_at=datetime.now(UTC))
    return True


def token_of(notice: ObjectId) -> str:
    """What the company reads the notice under; the same each time it is asked for."""
    return f"{notice}{connection.current().blind_index.of('recipient-notice', str(notice))}"


def by_token(token: str) -> Notice | None:
    """The notice that a mailed token opens, if there is one."""
    try:
        number = ObjectId(token[:24])
    except InvalidId:
        return None
    if not hmac.compare_digest(token.encode(), token_of(number).encode()):
        return None
    found: RecipientNotice | None = RecipientNotice.objects(id=number).first()
    return found and shown(found)


def confirm(token: str) -> bool:
    """The company says that it did what was asked; False for a token that opens nothing."""
    notice = by_token(token)
    if notice is None:
        return False
    RecipientNotice.objects(id=notice.id, told_at=None).update_one(set__told_at=datetime.now(UTC))
    return True


def shown(notice: RecipientNotice) -> Notice:
    agreement = Agreement.objects(id=notice.agreement).only("company").first()
    return Notice(
        id=notice.pk,
        company=agreement.company if agreement else "",
        about=About(notice.about),
        references=list(notice.references),
        data=list(notice.data),
        written=notice.recorded_at,
        told=notice.told_at,
    )


def waiting_for_people() -> list[Notice]:
    """Notices for companies without an address: somebody must tell them."""
    waiting = RecipientNotice.objects(mailed_at=None, told_at=None).order_by("recorded_at")
    return [shown(one) for one in waiting if not _contact_of(one.agreement)]
