"""What changes a client's papers. The actor's right to do it was checked by the one who calls.

Needs an application context (which vault is a setting). Every function raises LedgerUnavailable
where the entry cannot be written and StoreUnavailable where the vault cannot take the file: both
mean "try again later", and nothing is half done afterwards (see reconciliation.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bson import ObjectId

from alko.models.document import PaperKind
from alko.privacy.access import Actor

if TYPE_CHECKING:
    from alko.vault.inspection import Inspected


class NoSuchOrder(LookupError):
    """The client has no such order."""


class NoSuchPaper(LookupError):
    """The client has no such paper."""


class AlreadyHeld(Exception):
    """The same file is there already for this order; it is not stored twice."""

    def __init__(self, paper: ObjectId, kind: PaperKind) -> None:
        super().__init__("the same file is there already")
        self.paper = paper
        self.kind = kind


class QuotaExceeded(Exception):
    """The client's papers may not take more room. ``left`` is in bytes."""

    def __init__(self, left: int) -> None:
        super().__init__("the quota is used up")
        self.left = left


class NotNeeded(Exception):
    """Identity papers of an order that is over would have to be erased at once (P22)."""


class NotRemovable(Exception):
    """The law does not allow it. ``why`` is a text to translate."""

    def __init__(self, why: str) -> None:
        super().__init__("the paper may not be removed")
        self.why = why


def add(
    client: ObjectId, actor: Actor, kind: PaperKind, order: ObjectId, inspected: Inspected
) -> ObjectId:
    """Seal and store a paper for one of the client's orders; returns the paper's number.

    Raises NoSuchOrder, NotNeeded, AlreadyHeld, QuotaExceeded.
    """
    raise NotImplementedError


def replace(client: ObjectId, actor: Actor, paper: ObjectId, inspected: Inspected) -> None:
    """Put another file in a paper's place: same number, kind and order, to be checked anew.

    Raises NoSuchPaper, NotRemovable, AlreadyHeld, QuotaExceeded.
    """
    raise NotImplementedError


def remove(client: ObjectId, actor: Actor, paper: ObjectId) -> None:
    """Remove a paper and its file. Raises NoSuchPaper, NotRemovable."""
    raise NotImplementedError


def why_not_removable(kind: str, status: str, closed_year: int | None = None) -> str | None:
    """Why the client may not remove or replace such a paper, as a text to translate; None: may.

    ``kind`` and ``status`` are the codes as the dossier's rows hold them.
    """
    raise NotImplementedError


def quota_left(client: ObjectId) -> int:
    """How many bytes of papers the client may still upload, never negative."""
    raise NotImplementedError


def delivery_done(client: ObjectId, order: ObjectId, delivered_at: datetime) -> int:
    """Set the end of the order's identity papers, 30 days after delivery (P22); returns how many.

    Call it after the delivery itself was stored. Safe to repeat.
    """
    raise NotImplementedError
