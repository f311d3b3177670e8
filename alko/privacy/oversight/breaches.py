"""The register of breaches, and who is told of one (promise P17; GDPR Art. 33 and 34).

An entry says in words what happened, and by codes whose accesses they were, when, to which data:
from that the ledger tells whose data was reached. Each step is in the ledger, in the chain of the
member who took it.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bson import ObjectId

from alko.database.records import retried
from alko.mail import campaigns
from alko.mail.kinds import MailKind
from alko.models.oversight import (
    REGISTER,
    Breach,
    BreachDetails,
    BreachNotice,
    BreachStatement,
)
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.door.dossier import Dossier, Page
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import retention
from alko.privacy.oversight import breach_scope
from alko.privacy.oversight.breach_clock import WITHIN, Clock, ClockState, clock
from alko.privacy.oversight.breach_scope import Scope
from alko.privacy.vocabulary import Purpose

SHORTEST = 10
"""Characters of a reason; shorter ones explain nothing."""
LINK = "/my-data/breaches"


class StepRefused(ValueError):
    """The entry is in a state from which this step does not lead on; the message says why."""


def clock_of(breach: Breach, now: datetime) -> Clock:
    return clock(breach.discovered_at, now, breach.authority_told_at, breach.authority_spared_at)


def enter(actor: Actor, discovered_at: datetime, scope: Scope, details: BreachDetails) -> str:
    """Enter a breach; returns its reference. StepRefused where the times cannot be."""
    now = datetime.now(UTC)
    if discovered_at > now:
        raise StepRefused("a breach is discovered before it is entered")
    reference = f"B-{now.year}-{secrets.token_hex(3).upper()}"
    _log(actor, Event.BREACH_ENTERED, reference)
    breach = Breach.sealing(
        details, client=REGISTER, recorded_at=now, reference=reference, discovered_at=discovered_at
    )
    _set_scope(breach, scope)
    breach.save()
    return reference


def read(actor: Actor, reference: str) -> tuple[Breach, BreachDetails]:
    """One entry with its words; NoSuchRecord where there is none of that reference."""
    return _open(actor).record(Breach, reference=reference)


def page(
    actor: Actor, number: int, until: datetime | None = None, *, open_only: bool = False
) -> Page:
    """Entries of the register, the newest first."""
    where = {"closed_at": None} if open_only else None
    return _open(actor).page("breach_register", number, until, where=where)


@dataclass(frozen=True)
class Undecided:
    """A breach of which nobody noted yet that the authority was told, or need not be."""

    reference: str
    due_at: datetime


def undecided() -> list[Undecided]:
    """The open entries whose 72 hours run or are over, the most urgent first; codes only."""
    wanted = {"closed_at": None, "authority_told_at": None, "authority_spared_at": None}
    fields = {"reference": 1, "discovered_at": 1}
    found = Breach.raw().find({"client": REGISTER, **wanted}, fields).sort("discovered_at", 1)
    return [Undecided(one["reference"], one["discovered_at"] + WITHIN) for one in found]


def amend(actor: Actor, reference: str, scope: Scope, details: BreachDetails) -> None:
    """Change the words; the scope only until the clients were told."""

    def change(breach: Breach, known: BreachDetails) -> BreachDetails:
        if scope != scope_of(breach):
            if breach.clients_told_at:
                raise StepRefused("the clients were told already")
            _set_scope(breach, scope)
        return dataclasses.replace(
            known, happened=details.happened, effects=details.effects, measures=details.measures
        )

    _change(actor, reference, Event.BREACH_AMENDED, change)


def tell_authority(actor: Actor, reference: str, told_at: datetime, words: str) -> None:
    """Note that the authority was told, and when; later than 72 hours it needs the reason."""

    def change(breach: Breach, known: BreachDetails) -> BreachDetails:
        if told_at > datetime.now(UTC) or told_at < breach.discovered_at:
            raise StepRefused("the authority is told after the discovery, and not in the future")
        late = clock(breach.discovered_at, told_at, told_at).state is ClockState.TOLD_LATE
        if late and len(words.strip()) < SHORTEST:
            raise StepRefused("after 72 hours the reason for the delay is needed")
        breach.authority_told_at, breach.authority_spared_at = told_at, None
        return dataclasses.replace(known, to_authority=words)

    _change(actor, reference, Event.BREACH_AUTHORITY_TOLD, change)


def spare_authority(actor: Actor, reference: str, words: str) -> None:
    """Decide that no risk is likely and the authority need not be told; needs the reason."""

    def change(breach: Breach, known: BreachDetails) -> BreachDetails:
        if breach.authority_told_at:
            raise StepRefused("the authority was told already")
        breach.authority_spared_at = datetime.now(UTC)
        return dataclasses.replace(known, to_authority=_reason(words))

    _change(actor, reference, Event.BREACH_AUTHORITY_SPARED, change)


def tell_clients(actor: Actor, reference: str, statement: str) -> None:
    """Tell all whose data was reached: in "my data" and by a mail with a link.

    ``statement`` is published to them as it is, so it must hold no personal value.
    """
    if len(statement.strip()) < SHORTEST:
        raise StepRefused("the clients are told in words")

    def change(breach: Breach, known: BreachDetails) -> BreachDetails:
        if breach.clients_told_at:
            raise StepRefused("the clients were told already")
        now = datetime.now(UTC)
        published = BreachStatement(text=statement, published_at=now).save(force_insert=True)
        breach.statement, breach.telling = published.pk, True
        breach.clients_told_at, breach.clients_spared_at = now, None
        return dataclasses.replace(known, to_clients="")

    _change(actor, reference, Event.BREACH_CLIENTS_TOLD, change)
    tell_due()


def spare_clients(actor: Actor, reference: str, words: str) -> None:
    """Decide that no high risk is likely and the clients need not be told; needs the reason."""

    def change(breach: Breach, known: BreachDetails) -> BreachDetails:
        if breach.clients_told_at:
            raise StepRefused("the clients were told already")
        breach.clients_spared_at = datetime.now(UTC)
        return dataclasses.replace(known, to_clients=_reason(words))

    _change(actor, reference, Event.BREACH_CLIENTS_SPARED, change)


def close(actor: Actor, reference: str) -> None:
    """Close an entry on which all is decided and whose measures are written down."""

    def change(breach: Breach, known: BreachDetails) -> BreachDetails:
        if not (breach.authority_told_at or breach.authority_spared_at):
            raise StepRefused("it is not decided yet whether the authority is told")
        if not (breach.clients_told_at or breach.clients_spared_at):
            raise StepRefused("it is not decided yet whether the clients are told")
        if not known.measures.strip():
            raise StepRefused("the measures are not written down yet")
        now = datetime.now(UTC)
        breach.closed_at, breach.erase_after = now, retention.oversight_ends(now)
        return known

    _change(actor, reference, Event.BREACH_CLOSED, change)


def scope_of(breach: Breach) -> Scope:
    return Scope(
        breach.began_at,
        breach.ended_at,
        breach.member,
        tuple(breach.categories),
        breach.everybody,
    )


def tell_due() -> None:
    """Begin to tell the clients of the breaches of which they are to be told.

    The worker does it as well, in case that was interrupted; repeating changes nothing.
    """
    for found in Breach.objects(telling=True).exclude("sealed"):
        scope = scope_of(found)
        told = {
            "_id": 0,
            "client": "$_id",
            "breach": {"$literal": found.pk},
            "reference": {"$literal": found.reference},
            "recorded_at": {"$literal": found.clients_told_at},
        }
        kept = {
            "into": BreachNotice.raw().name,
            "on": ["breach", "client"],
            "whenMatched": "keepExisting",
        }
        breach_scope.run(scope, [{"$project": told}, {"$merge": kept}])
        campaigns.begin(
            event_of(found.reference),
            MailKind.BREACH_NOTICE,
            LINK,
            found.clients_told_at,
            audience=campaigns.audience_of_breach(found.pk),
        )
        done = {"$set": {"telling": False}, "$inc": {"revision": 1}}
        Breach.raw().update_one({"_id": found.pk}, done)


def event_of(reference: str) -> str:
    """What the mails about a breach tell of, see alko.mail.campaigns."""
    return f"breach/{reference}"


@dataclass(frozen=True)
class Told:
    """What a client is told of a breach."""

    reference: str
    told_at: datetime
    statement: str


def told(client: ObjectId) -> list[Told]:
    """Of which breaches this client was told, the newest first."""
    notices = list(BreachNotice.raw().find({"client": client}).sort("recorded_at", -1))
    numbers = [one["breach"] for one in notices]
    breaches = list(Breach.raw().find({"_id": {"$in": numbers}}, {"statement": 1}))
    texts = BreachStatement.objects(id__in=[one["statement"] for one in breaches])
    by_number = {text.pk: text.text for text in texts}
    words = {one["_id"]: by_number.get(one["statement"], "") for one in breaches}
    return [
        Told(one["reference"], one["recorded_at"], words.get(one["breach"], "")) for one in notices
    ]


def _set_scope(breach: Breach, scope: Scope) -> None:
    if scope.began_at > scope.ended_at:
        raise StepRefused("the period ends after it begins")
    if unknown := set(scope.categories) - CATEGORIES.keys():
        raise StepRefused(f"there is no category {min(unknown)}")
    for name, value in dataclasses.asdict(scope).items():
        setattr(breach, name, list(value) if isinstance(value, tuple) else value)


def _change(
    actor: Actor,
    reference: str,
    event: Event,
    change: Callable[[Breach, BreachDetails], BreachDetails],
) -> None:
    dossier = _open(actor)
    _log(actor, event, reference)

    def once() -> None:
        breach, known = dossier.record(Breach, reference=reference)
        if breach.closed_at:
            raise StepRefused("this entry is closed")
        breach.seal(change(breach, known))
        breach.save()

    retried(once)


def _open(actor: Actor) -> Dossier:
    return Dossier.open(REGISTER, actor, Purpose.LEGAL, categories=["breach_register"])


def _reason(words: str) -> str:
    if len(words.strip()) < SHORTEST:
        raise StepRefused("this decision needs a reason in words")
    return words


def _log(actor: Actor, event: Event, reference: str) -> None:
    if actor.id is None:
        raise TypeError("the register of breaches is kept by people")
    ledger.append(actor.id, event, actor, Purpose.LEGAL, details={"reference": reference})
