"""What a member of staff does at the desk for messages without a case in hand."""

from __future__ import annotations

from dataclasses import dataclass

from alko.models.contact import Case, CaseChannel, CaseKind
from alko.privacy.correspondence import cases
from alko.privacy.door.access import Actor


@dataclass(frozen=True, kw_only=True)
class Call:
    """What somebody said on the phone."""

    name: str
    email: str
    words: str
    kind: CaseKind
    urgent: bool
    key: str
    """Of the page on which it was noted: sent twice, it is one case."""


def note_call(actor: Actor, call: Call) -> Case:
    """Open a case of what was said, as if the caller had used the contact form.

    Nothing is read for it, so it needs no ground. Whose the address is, the mailed link shows.
    """
    written = cases.Written(
        body=call.words,
        kind=call.kind,
        channel=CaseChannel.PHONE,
        name=call.name,
        email=call.email,
        urgent=call.urgent,
    )
    number = cases.number_of("call", f"{actor.id} {call.key}") if call.key else None
    return cases.open_case(actor, written, number=number)
