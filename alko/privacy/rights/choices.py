"""The client's optional choices: usage analysis and marketing, off until opted in (P5, P23)."""

from __future__ import annotations

from datetime import UTC, datetime

from bson import ObjectId

from alko.models.consent import Consent, ConsentDetails
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.identity import sign_ins
from alko.privacy.rights import suppression
from alko.privacy.vocabulary import Purpose
from alko.words import N_

WORDINGS = {
    "analytics": N_("Record which pages I use, so that the service can be improved."),
    "marketing": N_("Send me news and offers by email."),
}
SENTENCES = {**WORDINGS, "profiling": N_("Draw conclusions about me from my data.")}
"""All that a decision can be about; nothing profiles, so that is no choice one could turn on."""


def granted(client: ObjectId, choice: str) -> bool:
    """Whether the client's last decision allows it; without a decision it is not allowed."""
    last = Consent.raw().find_one(
        {"client": client, "choice": choice},
        {"granted": 1},
        sort=[("recorded_at", -1), ("_id", -1)],
    )
    return bool(last and last["granted"])


def decide(
    client: ObjectId, actor: Actor, choice: str, allow: bool, given_through: str = "choices_page"
) -> None:
    """Record a decision; it holds from the next request on."""
    details = {"choice": choice, "granted": allow}
    ledger.append(
        client, Event.CHOICE_MADE, actor, Purpose.LEGAL, categories=["consents"], details=details
    )
    if choice == "marketing":
        # Before the decision itself: between the two a crash leaves what sends nothing.
        suppression.follow(client, allow)
    Consent.sealing(
        ConsentDetails(wording=SENTENCES[choice], given_through=given_through),
        client=client,
        recorded_at=datetime.now(UTC),
        choice=choice,
        granted=allow,
    ).save()
    if choice == "analytics":
        sign_ins.set_analytics(client, allow)
