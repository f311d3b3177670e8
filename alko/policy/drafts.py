"""The next version, while staff write it; then it is published word for word (P36, P37).

What people write are the summary and the sections that are not made from the inventory (see
text.WRITTEN). What they do with the draft is in the ledger, in the member's own chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from alko.models.housekeeping import PolicyDraft, PolicyVersion
from alko.models.oversight import AlertOutcome
from alko.policy import review, store, text, writing
from alko.policy.changes import ChangedParagraph, compare
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.oversight import alerts
from alko.privacy.vocabulary import Purpose

NAME = "next"
"""The name of the one draft: its unique index lets nobody make a second one."""


class DraftChanged(Exception):
    """Somebody else changed the draft, or published it, since it was read."""


class NotNewer(ValueError):
    """A new version must come after the one in force."""


@dataclass(frozen=True)
class Draft:
    """What the next version would say. ``written`` holds all sections that people write."""

    version: str
    summary: str
    significant: bool
    written: Mapping[str, str]
    revision: int = 0
    """0: nothing is saved yet, this is the version in force."""
    changed_at: datetime | None = None

    @property
    def lines(self) -> list[str]:
        return text.lines(_own_words(self.written))


def current(now: datetime) -> Draft:
    """The draft; where there is none, the version in force with the next free name."""
    found = _drafts().find_one({"name": NAME})
    if found is None:
        written = _all_sections(store.current().written)
        return Draft(store.free_name(now), "", True, written)
    return Draft(
        found["version"],
        found["summary"],
        found["significant"],
        _all_sections(found["written"]),
        found["revision"],
        found["changed_at"],
    )


def comparison(draft: Draft) -> list[ChangedParagraph]:
    """What the draft changes in the version in force, what the software changed included."""
    return compare(store.current().lines, draft.lines)


def save(
    actor: Actor,
    revision: int,
    version: str,
    summary: str,
    significant: bool,
    written: Mapping[str, str],
) -> None:
    """Keep the draft. ``revision`` is the one that was read.

    Raises DraftChanged, NotNewer, WritingRefused, and ValueError for a name that is none.
    """
    check_name(version)
    values = {
        "version": version,
        "summary": summary,
        "significant": significant,
        "written": _own_words(written),
        "changed_at": datetime.now(UTC),
    }
    _log(actor, Event.POLICY_DRAFTED, {"version": version})
    try:
        # The first is made by the upsert, which meets the unique index where there is one already.
        done = _drafts().update_one(
            {"name": NAME, "revision": revision},
            {"$set": values, "$inc": {"revision": 1}},
            upsert=revision == 0,
        )
    except DuplicateKeyError:
        raise DraftChanged from None
    if not (done.matched_count or done.upserted_id):
        raise DraftChanged


def discard(actor: Actor, revision: int) -> None:
    """Throw the draft away; DraftChanged where it is not that revision any more."""
    found = _drafts().find_one({"name": NAME, "revision": revision})
    if found is None:
        raise DraftChanged
    _log(actor, Event.POLICY_DRAFT_DROPPED, {"version": found["version"]})
    _drafts().delete_one({"_id": found["_id"], "revision": revision})


def publish(actor: Actor, revision: int, now: datetime) -> PolicyVersion:
    """Put the draft into force as updated and reviewed today; DraftChanged, VersionExists.

    A crash after the text was stored leaves a draft of a version that exists: it can be discarded.
    """
    draft = current(now)
    if revision == 0 or draft.revision != revision:
        raise DraftChanged
    check_name(draft.version)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    told = {"version": draft.version, "significant": draft.significant}
    _log(actor, Event.POLICY_PUBLISHED, told)
    published = store.publish(
        draft.version,
        draft.summary,
        updated_on=today,
        reviewed_on=today,
        written=_own_words(draft.written),
        significant=draft.significant,
    )
    for kind in review.OF_POLICY:
        alerts.settle(kind, actor, AlertOutcome.MENDED)
    _drafts().delete_one({"name": NAME, "revision": revision})
    return published


def check_name(version: str) -> None:
    """Raise NotNewer or ValueError unless the name is one for the next version."""
    if not store.VERSION_PATTERN.fullmatch(version):
        raise ValueError("a version is named by year and month, for instance 2026-05")
    if version <= store.current().version:
        raise NotNewer(store.current().version)


def _all_sections(written: Mapping[str, str]) -> dict[str, str]:
    """All sections that people write, in the software's words where they wrote none."""
    return {
        section.id: written.get(section.id) or writing.as_text(section.blocks)
        for section in text.WRITTEN.values()
    }


def _own_words(written: Mapping[str, str]) -> dict[str, str]:
    """The sections that say something else than the software's words; WritingRefused."""
    return {
        section.id: writing.as_text(blocks)
        for section in text.WRITTEN.values()
        if section.id in written
        and (blocks := writing.parsed(written[section.id])) != section.blocks
    }


def _log(actor: Actor, event: Event, details: dict[str, Any]) -> None:
    member = actor.id
    if not isinstance(member, ObjectId):
        raise TypeError("the policy is written by people")
    ledger.append(member, event, actor, Purpose.LEGAL, details=details)


def _drafts() -> Any:
    return PolicyDraft._get_collection()
