"""Cases: what people write to ALKO by form, mail or phone, and what each state of one must hold.

A case of a known client belongs to their dossier. A case of a stranger belongs to a
*correspondent*: an id of its own (the case's) that stands where a client's id stands, with keys and
a ledger chain of its own, until a client joins it to their dossier or it is erased with its keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    IntField,
    ObjectIdField,
    StringField,
)

from alko.database import records
from alko.database.records import SealedRecord
from alko.models.request import RIGHTS, BrokenInvariant

OF_STRANGER = {"$expr": {"$eq": ["$_id", "$client"]}}
"""The query for cases that belong to a correspondent."""


class CaseKind(StrEnum):
    GENERAL = "general"
    PRIVACY = "privacy"


class CaseChannel(StrEnum):
    FORM = "form"
    EMAIL = "email"
    PHONE = "phone"


class CaseState(StrEnum):
    OPEN = "open"
    """Somebody of ALKO has to do something."""
    WAITING = "waiting"
    """Answered: it is the other side's turn. The due date stays where it is."""
    CLOSED = "closed"
    """Done, until somebody writes again."""


TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.WAITING, CaseState.CLOSED}),
    CaseState.WAITING: frozenset({CaseState.OPEN, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.OPEN}),
}
"""From each state the states that may follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetails(records.Personal):
    name: str = ""
    email: str = ""
    """Empty where a mail had no sender that could be read."""
    subject: str = ""
    token: str = ""
    """What opens the case's page; mailed to the address, and to nobody else."""


class Case(SealedRecord):
    """``recorded_at`` is its receipt, from which the due date is counted (P34)."""

    meta = {
        "collection": "cases",
        "indexes": [
            ("client", "-recorded_at"),
            {"fields": ["reference"], "unique": True},
            ("closed_at", "-urgent", "due_at"),
            ("assigned_to", "closed_at", "-urgent", "due_at"),
            ("email_index", "-recorded_at"),
            ("recorded_at", "state"),
            {
                "fields": ["waiting_since"],
                "partialFilterExpression": {"waiting_since": {"$type": "date"}},
            },
            {
                "fields": ["joining"],
                "partialFilterExpression": {"joining": {"$type": "objectId"}},
            },
            {
                "fields": ["pending"],
                "partialFilterExpression": {"pending": {"$type": "string"}},
            },
        ],
    }
    KEY_CLASS = "correspondence"
    Personal = CaseDetails

    reference = StringField(required=True)
    kind = StringField(required=True, choices=[kind.value for kind in CaseKind])
    urgent = BooleanField(required=True, default=False)
    state = StringField(required=True, choices=[state.value for state in CaseState])
    channel = StringField(required=True, choices=[channel.value for channel in CaseChannel])
    due_at = DateTimeField(required=True)
    counted_from = DateTimeField()
    """From when the due date counts, where that is after receipt: a closed case was opened anew."""
    target_at = DateTimeField()
    """Urgent: when somebody shall have taken it up (P35)."""
    confirmed_at = DateTimeField()
    """When the address was shown to be the writer's own. The clock runs from receipt all the
    same."""
    acknowledged_at = DateTimeField()
    """When its receipt was mailed last."""
    waiting_since = DateTimeField()
    """When it was answered last, while it waits for the writer."""
    closed_at = DateTimeField()
    unreadable = BooleanField(required=True, default=False)
    """The mail could not be read by the portal: its source is kept for a person to read."""
    email_index = StringField()
    token_hash = StringField()
    assigned_to = ObjectIdField()
    """The member of staff whose work it is."""
    suggested_right = StringField(choices=RIGHTS)
    """What the words sound like; a person confirms it."""
    right = StringField(choices=RIGHTS)
    """The right that a person recognised in it."""
    request = ObjectIdField()
    """The request that was made of it then."""
    pending = StringField()
    """The kind of mail that is still to be written about it."""
    joining = ObjectIdField()
    """The client to whose dossier it is being moved; a crash is followed by a resumption."""

    @property
    def of_stranger(self) -> bool:
        """Whether it belongs to a correspondent, and not to a client's dossier."""
        return bool(self.client == self.pk)

    @property
    def closed(self) -> bool:
        return self.state == CaseState.CLOSED

    @property
    def clock_began(self) -> datetime:
        """From when the due date counts."""
        return self.counted_from or self.recorded_at

    def check(self) -> None:
        """Raise BrokenInvariant unless the record holds what its state must hold."""
        rules = (
            (self.closed == (self.closed_at is not None), "a closed case has its end"),
            (self.closed == (self.erase_after is not None), "only what is closed is erased"),
            (self.urgent == (self.target_at is not None), "what is urgent has a target"),
            (self.due_at > self.recorded_at, "due after receipt"),
            ((self.request is None) == (self.right is None), "a right is a request"),
            (self.right is None or self.kind == CaseKind.PRIVACY, "a right is about privacy"),
            (
                self.joining is None or self.of_stranger or self.client == self.joining,
                "a case moves to one dossier",
            ),
        )
        if broken := [text for holds, text in rules if not holds]:
            raise BrokenInvariant("; ".join(broken))


class AttachmentKind(StrEnum):
    FILE = "file"
    """Sent with a mail; inspected."""
    SOURCE = "source"
    """A whole mail as it came, where the portal could not read it, had to guess, or refused a
    file: what is not in the case is in here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentDetails(records.Personal):
    filename: str
    media_type: str = ""
    sha256: str = ""
    vault_identity: str = ""
    """The age secret key of this one file."""


class Attachment(SealedRecord):
    """A file that came with a message. A refused one is only named here."""

    meta = {
        "collection": "attachments",
        "indexes": [("client", "-recorded_at"), "message"],
    }
    KEY_CLASS = "correspondence"
    Personal = AttachmentDetails

    reference = StringField(required=True)
    message = ObjectIdField(required=True)
    kind = StringField(required=True, choices=[kind.value for kind in AttachmentKind])
    refusal = StringField()
    """Why it was not kept: a code of alko.vault.inspection."""
    size = IntField(required=True)
    vault_key = StringField()


class Intake(StrEnum):
    """What became of a mail that was piped in."""

    OPENED = "opened"
    REPLIED = "replied"
    REPEATED = "repeated"
    AUTOMATIC = "automatic"
    UNREADABLE = "unreadable"


class IntakeCount(Document):
    """How many mails had which outcome: a number and a code, nothing about anybody."""

    meta = {
        "collection": "intake_counts",
        "auto_create_index": False,
        "indexes": [{"fields": ["outcome"], "unique": True}],
    }

    outcome = StringField(required=True)
    count = IntField(required=True)
