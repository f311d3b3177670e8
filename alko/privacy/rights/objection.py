"""Objection to single purposes: what is optional ends in the same request (P30; GDPR Art. 21)."""

from __future__ import annotations

from bson import ObjectId

from alko.models.consent import Consent
from alko.privacy.door.access import Actor
from alko.privacy.rights import choices
from alko.words import N_

SWITCHES: dict[str, str] = {
    "marketing": N_("News and offers by email. Ends at once."),
    "analytics": N_("Recording which pages you use. Ends at once, on all your devices."),
    "profiling": N_("We profile nobody. Your objection is recorded, should that ever change."),
}


def object_to(client: ObjectId, actor: Actor, purpose: str, through: str = "rights_page") -> None:
    """Record the objection; it holds from the next request on. KeyError for another purpose."""
    SWITCHES[purpose]
    choices.decide(client, actor, purpose, False, through)


def standing(client: ObjectId) -> dict[str, str]:
    """For each purpose: ``on``, ``objected``, or ``off`` where nothing was ever decided."""
    return {purpose: _standing(_last(client, purpose)) for purpose in SWITCHES}


def note_signal(client: ObjectId, actor: Actor) -> None:
    """Global Privacy Control counts as an objection to usage analysis; recorded once (P5)."""
    if _last(client, "analytics") is not False:
        choices.decide(client, actor, "analytics", False, "global_privacy_control")


def _standing(last: bool | None) -> str:
    if last is None:
        return "off"
    return "on" if last else "objected"


def _last(client: ObjectId, choice: str) -> bool | None:
    found = Consent.raw().find_one(
        {"client": client, "choice": choice},
        {"granted": 1},
        sort=[("recorded_at", -1), ("_id", -1)],
    )
    return None if found is None else bool(found["granted"])
