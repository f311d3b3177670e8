"""From the files of a form to papers in the vault, and what to say about each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, BinaryIO, Protocol, cast

from bson import ObjectId
from flask_babel import get_locale, gettext

from alko.database.records import ConcurrentChange
from alko.documents import operations
from alko.extensions import alko_settings
from alko.models.document import PaperKind
from alko.privacy import wording
from alko.privacy.accountability.ledger import LedgerUnavailable
from alko.privacy.door.access import Actor
from alko.privacy.sharing.recipients import NoAgreement
from alko.vault.inspection import Inspected, Refused, inspect
from alko.vault.inspection.access import limits_of, scanner_of
from alko.vault.stores import StoreUnavailable
from alko.words import N_

MOST_FILES = 20
"""Files in one form: more are refused by name, not forgotten."""


class File(Protocol):
    """A file of a form, as Werkzeug hands it over."""

    filename: str | None
    stream: IO[bytes]


@dataclass(frozen=True)
class Outcome:
    """What became of one file. ``reason`` is empty where all is well; then ``held`` tells whether
    the same file was there before."""

    filename: str
    reason: str = ""
    advice: str = ""
    paper: ObjectId | None = None
    held: bool = False
    again: bool = False
    """Whether sending the very same file later can succeed."""
    notes: tuple[str, ...] = ()
    """What was taken out of the file before it was stored."""

    @property
    def refused(self) -> bool:
        return bool(self.reason)


Store = Callable[[Inspected], ObjectId]


def add_all(
    client: ObjectId, actor: Actor, kind: str, order: ObjectId, files: Iterable[File]
) -> list[Outcome]:
    """Inspect and store each file on its own; a bad one keeps no good one out.

    Raises ValueError for an unknown kind and operations.NoSuchOrder.
    """
    paper_kind = PaperKind(kind)
    outcomes = []
    for number, file in enumerate(files):
        if number >= MOST_FILES:
            outcomes.append(_too_many(file))
            continue
        outcomes.append(
            _taken(
                file,
                lambda inspected: operations.add(client, actor, paper_kind, order, inspected),
                paper_kind,
            )
        )
    return outcomes


def add_evidence(
    client: ObjectId, actor: Actor, request: ObjectId, due_at: datetime, file: File
) -> Outcome:
    """Inspect and store a paper that belongs to a request instead of an order."""
    return _taken(
        file,
        lambda inspected: operations.add_evidence(client, actor, request, due_at, inspected),
        PaperKind.IDENTITY,
    )


def swap(client: ObjectId, actor: Actor, paper: ObjectId, file: File) -> Outcome:
    """Put the file in the paper's place. Raises operations.NoSuchPaper and NotRemovable."""

    def store(inspected: Inspected) -> ObjectId:
        operations.replace(client, actor, paper, inspected)
        return paper

    return _taken(file, store, None)


def _taken(file: File, store: Store, kind: PaperKind | None) -> Outcome:
    name = file.filename or gettext("File without a name")
    settings = alko_settings()
    try:
        inspected = inspect(
            cast(BinaryIO, file.stream), name, limits_of(settings), scanner_of(settings)
        )
        return Outcome(inspected.filename, paper=store(inspected), notes=_notes(inspected))
    except Refused as refusal:
        return Outcome(
            name, gettext(refusal.message), gettext(refusal.advice), again=refusal.temporary
        )
    except operations.AlreadyHeld as held:
        if held.kind == kind:
            return Outcome(name, paper=held.paper, held=True)
        there = wording.code(held.kind.value, gettext)
        return Outcome(
            name,
            gettext("We hold the very same file already, as: %(kind)s.", kind=there),
            gettext("Choose another file, unless that was all you wanted to send."),
        )
    except operations.QuotaExceeded as full:
        return Outcome(
            name,
            gettext(
                "It does not fit: %(left)s are left for your papers.",
                left=wording.size(full.left, get_locale()),
            ),
            gettext("Remove a paper that is not needed any more, or send a smaller file."),
        )
    except operations.NotNeeded:
        return Outcome(
            name,
            gettext("This order is over, so the paper is not needed any more."),
            gettext("Nothing needs to be sent. Nothing was stored."),
        )
    except NoAgreement:
        return Outcome(
            name,
            gettext(
                "It cannot be stored at present: the company that stores encrypted files for us "
                "is not bound by an agreement that is still valid. Nothing was sent to it."
            ),
            gettext("Please send it again in a few days, or write to us."),
            again=True,
        )
    except (StoreUnavailable, LedgerUnavailable, ConcurrentChange):
        return Outcome(
            name,
            gettext("We could not store it just now, so nothing of it was kept."),
            gettext("Please send it again in a moment."),
            again=True,
        )


def _notes(inspected: Inspected) -> tuple[str, ...]:
    return tuple(gettext(note) for note in inspected.notes)


def _too_many(file: File) -> Outcome:
    return Outcome(
        file.filename or "",
        gettext("It was one file too many: %(most)d at a time are taken.", most=MOST_FILES),
        gettext("Send it again by itself."),
        again=True,
    )


NOTHING_NEW = N_("We hold this file already, so it was not stored twice: %(name)s")
