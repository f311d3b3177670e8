"""The steps that staff take with a request: when each is possible, and what it does.

One table, so that the page, its buttons and the addresses that act cannot differ. A step is offered
and accepted by the same rule; what happens to a request meanwhile is found out when it is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from alko.models.request import OPEN, DataRequest, RequestState
from alko.moderation.requests import forms, operations
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import erasure
from alko.privacy.rights import decided_deletion, rectification, requests, restriction
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.restriction import Standing
from alko.words import N_


@dataclass(frozen=True)
class Facts:
    """What decides which steps are possible: clear fields and dates, no personal data."""

    request: DataRequest
    member: ObjectId
    restricted: Standing | None
    erasure_begins: datetime | None
    """Set once the client's data is to be erased."""
    account: bool
    """Whether the request is of a client, and not of a stranger."""

    @property
    def state(self) -> RequestState:
        return RequestState(self.request.state)


def facts_of(request: DataRequest, member: ObjectId) -> Facts:
    run = erasure.pending(request.client)
    return Facts(
        request,
        member,
        restriction.standing(request.client),
        run.execute_after if run else None,
        decided_deletion.has_account(request.client),
    )


Run = Callable[[ObjectId, Actor, str, Any], object]
"""client, actor, reference, form; raises StepRefused, Outdated, ExtensionRefused, AccessDenied."""


@dataclass(frozen=True)
class Step:
    name: str
    """Its part of the address."""
    title: str
    explanation: str
    button: str
    done: str
    """Said after it."""
    form: type[forms.StepForm]
    run: Run
    states: frozenset[RequestState]
    fits: Callable[[Facts], bool]
    decides: bool = False
    """Whether it is an officer's decision."""
    at_once: bool = False
    """Needs no words: a button on the request's page."""
    tone: str = "secondary"
    shows_plan: bool = False
    """Whether the plan of the deletion is shown with it (P28)."""

    def possible(self, facts: Facts) -> bool:
        return facts.state in self.states and self.fits(facts)


IDENTIFIED = frozenset(decided_deletion.IDENTIFIED)


def _always(_: Facts) -> bool:
    return True


def _nothing_decided(facts: Facts) -> bool:
    """A deletion that is confirmed takes its course, and one that is proposed is decided first."""
    return facts.erasure_begins is None and facts.request.proposed_by is None


def _can_restrict(facts: Facts) -> bool:
    return facts.request.right == Right.RESTRICTION and facts.account and not facts.restricted


def _can_announce(facts: Facts) -> bool:
    held = facts.restricted
    return facts.request.right == Right.RESTRICTION and held is not None and held.ends is None


STEPS: tuple[Step, ...] = (
    Step(
        "identified",
        N_("Confirm the identity"),
        N_("Nothing else is possible before it is known that it is the client who asks."),
        N_("The identity is confirmed"),
        N_("The identity is confirmed."),
        forms.IdentifiedForm,
        lambda c, a, r, f: requests.confirm_identity(c, a, r, f.how.data, seen=f.seen),
        frozenset({RequestState.IDENTITY_CHECK}),
        _always,
        tone="primary",
    ),
    Step(
        "start",
        N_("Take it up"),
        N_("The client sees that somebody works on it."),
        N_("Take it up"),
        N_("The request is taken up; the client was told."),
        forms.StepForm,
        lambda c, a, r, f: operations.take_up(c, a, r, f.seen),
        frozenset({RequestState.RECEIVED, RequestState.WAITING}),
        _always,
        at_once=True,
        tone="primary",
    ),
    Step(
        "message",
        N_("Write to the client"),
        N_("The client reads it on the page of the request; a mail with a link tells of it."),
        N_("Send the message"),
        N_("The message was sent."),
        forms.MessageForm,
        lambda c, a, r, f: requests.write(c, a, r, f.body.data, seen=f.seen),
        frozenset(OPEN),
        _always,
    ),
    Step(
        "ask",
        N_("Ask the client"),
        N_("The request then waits for the client. The due date stays where it is."),
        N_("Send the question"),
        N_("The question was sent; the request waits for the client."),
        forms.QuestionForm,
        lambda c, a, r, f: operations.ask(c, a, r, f.body.data, f.seen),
        IDENTIFIED - {RequestState.WAITING},
        _nothing_decided,
    ),
    Step(
        "done",
        N_("Answer, and close it as done"),
        N_("The answer is the last message: the request is done with it, for good."),
        N_("Answer and close"),
        N_("The request is done; the client was told."),
        forms.AnswerForm,
        lambda c, a, r, f: requests.answer(c, a, r, f.body.data, seen=f.seen),
        IDENTIFIED,
        lambda facts: _nothing_decided(facts) and not facts.request.corrects,
        decides=True,
        tone="primary",
    ),
    Step(
        "correct",
        N_("Approve the correction"),
        N_("The new values count at once; the old ones stay as history, and recipients are told."),
        N_("Approve it"),
        N_("The data is corrected, and the request is done; the client was told."),
        forms.CorrectionForm,
        lambda c, a, r, f: rectification.approve(c, a, r, f.note.data or "", seen=f.seen),
        IDENTIFIED,
        lambda facts: _nothing_decided(facts) and bool(facts.request.corrects),
        decides=True,
        tone="primary",
    ),
    Step(
        "extend",
        N_("Extend it"),
        N_("Once, by one or two months, for a complex request; the client is told the reason now."),
        N_("Extend it"),
        N_("The request is extended; the client was told why."),
        forms.ExtensionForm,
        lambda c, a, r, f: requests.extend(c, a, r, int(f.months.data), f.body.data, seen=f.seen),
        frozenset({RequestState.IN_PROGRESS, RequestState.WAITING}),
        lambda facts: _nothing_decided(facts) and facts.request.extended_at is None,
        decides=True,
    ),
    Step(
        "refuse",
        N_("Refuse it"),
        N_("The client reads the reason, and that the authority and the courts can look at it."),
        N_("Refuse the request"),
        N_("The request is refused; the client was told why."),
        forms.RefusalForm,
        lambda c, a, r, f: requests.refuse(c, a, r, f.body.data, seen=f.seen),
        frozenset(OPEN),
        _nothing_decided,
        decides=True,
        tone="danger",
    ),
    Step(
        "restrict",
        N_("Restrict the use of the data"),
        N_("At once: the data is then only stored, until the question about it is settled."),
        N_("Restrict it now"),
        N_("The use of the client's data is restricted."),
        forms.RestrictionForm,
        lambda c, a, r, f: operations.restrict(c, a, r, f.ground.data),
        IDENTIFIED,
        _can_restrict,
        decides=True,
        tone="primary",
    ),
    Step(
        "end-restriction",
        N_("Announce the end of the restriction"),
        N_("The client is told by mail; seven days later the restriction is lifted by itself."),
        N_("Announce its end"),
        N_("The client was told when the restriction ends."),
        forms.StepForm,
        lambda c, a, r, f: operations.announce_end(c, a, r),
        IDENTIFIED,
        _can_announce,
        decides=True,
    ),
    Step(
        "propose-deletion",
        N_("Propose the deletion"),
        N_("The client did not confirm it with the password, so two officers decide about it."),
        N_("Propose it to a colleague"),
        N_("The deletion is proposed. Give the request to the colleague who decides."),
        forms.ProposalForm,
        lambda c, a, r, f: decided_deletion.propose(
            c, a, r, f.reason.data, at_once=f.when.data == "now", seen=f.seen
        ),
        IDENTIFIED,
        lambda facts: decided_deletion.can_be_proposed(facts.request),
        decides=True,
        shows_plan=True,
    ),
    Step(
        "approve-deletion",
        N_("Approve the deletion"),
        N_("A colleague proposed it. With your approval it is scheduled, and the client is told."),
        N_("Approve the deletion"),
        N_("The deletion is approved and scheduled; the client was told."),
        forms.StepForm,
        lambda c, a, r, f: decided_deletion.approve(c, a, r, seen=f.seen),
        IDENTIFIED,
        lambda facts: decided_deletion.can_be_decided(facts.request, facts.member),
        decides=True,
        tone="danger",
        shows_plan=True,
    ),
    Step(
        "decline-deletion",
        N_("Decline the deletion"),
        N_("Nothing is deleted; the request goes on, and the reason stays with it."),
        N_("Decline it"),
        N_("The proposal is declined."),
        forms.DeclineForm,
        lambda c, a, r, f: decided_deletion.decline(c, a, r, f.reason.data, seen=f.seen),
        IDENTIFIED,
        lambda facts: decided_deletion.can_be_decided(facts.request, facts.member),
        decides=True,
    ),
    Step(
        "take-back-deletion",
        N_("Take the proposal back"),
        N_("Nothing is deleted; the request goes on."),
        N_("Take it back"),
        N_("The proposal is taken back."),
        forms.StepForm,
        lambda c, a, r, f: decided_deletion.take_back(c, a, r, seen=f.seen),
        IDENTIFIED,
        lambda facts: decided_deletion.can_be_taken_back(facts.request, facts.member),
        decides=True,
        at_once=True,
    ),
)
BY_NAME = {step.name: step for step in STEPS}
