"""Data-subject requests: one record each, and what each state of it must hold (promise P34)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mongoengine import BooleanField, DateTimeField, ObjectIdField, StringField

from alko.database import records
from alko.database.records import SealedRecord

RIGHTS = ("access", "correction", "deletion", "portability", "objection", "restriction")


class RequestState(StrEnum):
    RECEIVED = "received"
    IDENTITY_CHECK = "identity_check"
    """Only for requests from outside an account: who is signed in is identified."""
    IN_PROGRESS = "in_progress"
    WAITING = "waiting_for_client"
    """A question was sent; the due date stays where it is."""
    EXTENDED = "extended"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


FINISHED = frozenset({RequestState.DONE, RequestState.REFUSED, RequestState.WITHDRAWN})

_ANSWERED = frozenset({RequestState.DONE, RequestState.REFUSED, RequestState.WITHDRAWN})
TRANSITIONS: dict[RequestState, frozenset[RequestState]] = {
    RequestState.RECEIVED: _ANSWERED
    | {RequestState.IDENTITY_CHECK, RequestState.IN_PROGRESS, RequestState.WAITING},
    RequestState.IDENTITY_CHECK: frozenset(
        {RequestState.IN_PROGRESS, RequestState.REFUSED, RequestState.WITHDRAWN}
    ),
    RequestState.IN_PROGRESS: _ANSWERED | {RequestState.WAITING, RequestState.EXTENDED},
    RequestState.WAITING: _ANSWERED | {RequestState.IN_PROGRESS, RequestState.EXTENDED},
    RequestState.EXTENDED: _ANSWERED | {RequestState.WAITING},
    RequestState.DONE: frozenset(),
    RequestState.REFUSED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}
"""From each state the states that may follow. What is finished stays so.

Nothing is answered to somebody whose identity is not known: first it is confirmed, or refused.
"""
OPEN = tuple(state for state in RequestState if state not in FINISHED)


class BrokenInvariant(ValueError):
    """A request was about to be stored in a state that it cannot be in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEvent(records.Personal):
    """A step, as the timeline tells it."""

    on: str
    """ISO 8601 date (UTC)."""
    state: str
    note: str = ""
    """In words: a question, a reason; empty where the state says it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMessage(records.Personal):
    on: str
    direction: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(records.Personal):
    """One value that was or is to be corrected (P27)."""

    field: str
    old: str
    new: str
    by: str = ""
    """Who changed it, as the ledger names actors; empty until it is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(records.Personal):
    """One member of staff proposes a deletion, another decides about it (P28)."""

    on: str
    reason: str
    outcome: str = ""
    """Empty while it waits; then ``approved``, ``declined`` or ``taken_back``."""
    answer: str = ""
    """Why it was declined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDetails(records.Personal):
    words: str = ""
    """What the client wrote when filing."""
    ground: str | None = None
    """Of a restriction: one of alko.privacy.rights.restriction.GROUNDS."""
    reason: str = ""
    """Why it was refused or extended, as told to the client."""
    events: list[RequestEvent] = field(default_factory=list)
    messages: list[RequestMessage] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)


class DataRequest(SealedRecord):
    """A request; ``recorded_at`` is its receipt, from which the due date is counted."""

    meta = {
        "collection": "requests",
        "indexes": [
            {"fields": ["untold"], "partialFilterExpression": {"untold": True}},
            ("client", "-recorded_at"),
            {"fields": ["reference"], "unique": True},
            {"name": "queue", "fields": ["urgent", "state", "due_at", "reference", "right"]},
            {
                "name": "queue_of_holder",
                "fields": ["assigned_to", "urgent", "state", "due_at", "reference", "right"],
            },
            {"name": "finished", "fields": ["state", "-finished_at"]},
            {"name": "report", "fields": ["recorded_at", "state", "due_at"]},
            {
                "name": "proposed",
                "fields": ["proposed_by"],
                "partialFilterExpression": {"proposed_by": {"$type": "objectId"}},
            },
            {
                "fields": ["approved_by"],
                "partialFilterExpression": {"approved_by": {"$type": "objectId"}},
            },
        ],
    }
    KEY_CLASS = "correspondence"
    Personal = RequestDetails

    reference = StringField(required=True)
    right = StringField(required=True, choices=RIGHTS)
    state = StringField(required=True, choices=[state.value for state in RequestState])
    channel = StringField(required=True, choices=["portal", "email", "phone"])
    """``portal``: filed by a client who was signed in, and so is identified."""
    corrects = BooleanField(default=False)
    """Whether it holds values that are to be approved or refused (P27)."""
    urgent = BooleanField(default=False)
    """Whether it came with the urgent mark (P35)."""
    due_at = DateTimeField(required=True)
    extended_at = DateTimeField()
    """When the client was told of the extension; absent: not extended."""
    finished_at = DateTimeField()
    untold = BooleanField()
    """Staff did something of which the client was not mailed yet; absent once they were."""
    assigned_to = ObjectIdField()
    """The member of staff who works on it."""
    earlier = ObjectIdField()
    """An open request about the same right, filed before this one."""
    proposed_by = ObjectIdField()
    """The member of staff who proposed the deletion that this request asks for."""
    proposed_at_once = BooleanField()
    """Whether it shall happen now; otherwise in 14 days, until when the client can cancel it."""
    approved_by = ObjectIdField()
    """The other one, who approved it."""
    approved_at = DateTimeField()

    @property
    def finished(self) -> bool:
        return RequestState(self.state) in FINISHED

    def check(self) -> None:
        """Raise BrokenInvariant unless the record holds what its state must hold."""
        state = RequestState(self.state)
        rules = (
            (self.finished == (self.finished_at is not None), "a finished request has its end"),
            (self.finished == (self.erase_after is not None), "only what is finished is erased"),
            (state is not RequestState.EXTENDED or bool(self.extended_at), "when was it extended"),
            (
                state is not RequestState.IN_PROGRESS or not self.extended_at,
                "an extended request stays extended",
            ),
            (
                state is not RequestState.IDENTITY_CHECK or self.channel != "portal",
                "who is signed in is identified",
            ),
            (self.due_at > self.recorded_at, "due after receipt"),
            (
                self.proposed_by is None or self.right == "deletion",
                "only a deletion is proposed",
            ),
            (
                (self.approved_by is None) == (self.approved_at is None),
                "an approval has its date",
            ),
            (
                self.approved_by is None or self.proposed_by not in (None, self.approved_by),
                "nobody approves what they proposed",
            ),
        )
        if broken := [text for holds, text in rules if not holds]:
            raise BrokenInvariant("; ".join(broken))
