"""The desk for requests in words, and the addresses of its filters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from bson import ObjectId
from flask import url_for
from flask_babel import get_locale, gettext

from alko.models.request import DataRequest, RequestDetails
from alko.moderation.handing import whose
from alko.moderation.requests.reading import Desk, Filters, Holder, Listed, View
from alko.moderation.requests.steps import STEPS, Facts, Step
from alko.privacy import wording
from alko.privacy.door.dossier import Row
from alko.privacy.door.permissions import Permission
from alko.privacy.lifecycle.planner import Plan
from alko.privacy.rights import correction_words, request_wording, requests, restriction
from alko.privacy.rights.catalogue import RIGHTS, Right
from alko.privacy.rights.decided_deletion import IDENTIFIED
from alko.web.members import Member
from alko.words import N_

QUEUE = "moderation.request_queue"
VIEWS: dict[View, str] = {
    View.QUEUE: N_("To answer"),
    View.URGENT: N_("Urgent"),
    View.UNVERIFIED: N_("Identity to check"),
    View.SECOND: N_("Second person needed"),
    View.FINISHED: N_("Finished"),
}
HOLDERS: dict[Holder, str] = {
    Holder.ANYBODY: N_("Anybody's"),
    Holder.MINE: N_("Mine"),
    Holder.NOBODY: N_("Nobody's yet"),
}
WHAT_NOW: dict[str, str] = {
    "received": N_("Nobody has begun with it. Take it up, or ask what is unclear."),
    "identity_check": N_("First find out whether it is the client who asks; only then act."),
    "in_progress": N_("It is being worked on. Answer it, or ask what is unclear."),
    "waiting_for_client": N_("The client was asked something. The due date stays all the same."),
    "extended": N_("It was extended once; that is not possible again."),
    "done": N_("It was answered. Nothing more can be done with it."),
    "refused": N_("It was refused. The client knows the way to the authority and the courts."),
    "withdrawn": N_("The client took it back. Nothing more can be done with it."),
}
"""Of each state, what it asks of staff."""
PROPOSED = N_("A deletion was proposed: somebody else approves or declines it.")
STATES: dict[str, str] = {"waiting_for_client": N_("Waiting for the client")}
"""States that staff call otherwise than the client."""
WHEN: dict[bool, str] = {
    True: N_("As soon as it is approved"),
    False: N_("14 days after the approval"),
}
FROM: dict[str, str] = {"from_client": N_("From the client"), "to_client": N_("From us")}


def day(moment: datetime | date) -> str:
    return wording.day(moment, get_locale())


def code(value: str) -> str:
    return wording.code(value, gettext)


def state_name(value: str) -> str:
    return gettext(STATES[value]) if value in STATES else code(value)


def left(due_at: datetime, now: datetime) -> int:
    """Whole days until then; negative once it has passed."""
    return (due_at - now) // timedelta(days=1)


def address(filters: Filters, number: int = 1, **changes: Any) -> str:
    """The address of the queue under these filters; what is the default is left out."""
    values = {
        "view": filters.view,
        "holder": filters.holder,
        "right": filters.right,
        "state": filters.state,
        "due": "overdue" if filters.overdue else None,
        **changes,
    }
    defaults = (None, View.QUEUE, Holder.ANYBODY)
    chosen = {name: str(value) for name, value in values.items() if value not in defaults}
    return url_for(QUEUE, **chosen, **({"page": str(number)} if number > 1 else {}))  # type: ignore[arg-type]


def filter_groups(filters: Filters, found: Desk, member: Member) -> list[tuple[str, list[Any]]]:
    """The groups of links above the list: label, and for each link text, address, current.

    The first are the parts of the queue; the others narrow the list down.
    """
    decides = member.may(Permission.DECIDE)
    finished = filters.view is View.FINISHED
    views = [view for view in View if decides or view is not View.SECOND]
    groups = [(gettext("Part of the queue"), [_view_link(view, filters, found) for view in views])]
    if decides:
        holders = [
            (gettext(text), address(filters, holder=one), filters.holder is one)
            for one, text in HOLDERS.items()
        ]
        groups.append((gettext("Who has it"), holders))
    rights = [(gettext("Every right"), address(filters, right=None), filters.right is None)]
    rights += [
        (gettext(RIGHTS[right].name), address(filters, right=right), filters.right is right)
        for right in Right
    ]
    groups.append((gettext("Right"), rights))
    if not finished:
        states = [(gettext("Every state"), address(filters, state=None), filters.state is None)]
        states += [
            (state_name(state.value), address(filters, state=state), filters.state is state)
            for state in IDENTIFIED
        ]
        states.append(
            (
                gettext("Overdue"),
                address(filters, due=None if filters.overdue else "overdue"),
                filters.overdue,
            )
        )
        groups.append((gettext("State"), states))
    return groups


def _view_link(view: View, filters: Filters, found: Desk) -> tuple[Any, ...]:
    changes: dict[str, Any] = {"view": view}
    if view is View.FINISHED:
        changes |= {"state": None, "due": None}
    link = (gettext(VIEWS[view]), address(filters, **changes), filters.view is view)
    count = found.counts[view]
    return (*link, count) if view not in (View.FINISHED, View.SECOND) else link


def lines(found: Iterable[Listed], member: ObjectId, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "reference": one.reference,
            "url": url_for("moderation.request_page", reference=one.reference),
            "right": code(one.right),
            "state": state_name(one.state),
            "tone": request_wording.TONES.get(one.state, "neutral"),
            "received": day(one.recorded_at),
            "due": day(one.due_at),
            "left": None if one.finished_at else left(one.due_at, now),
            "finished": one.finished_at and day(one.finished_at),
            "holder": whose(one.holder, member),
            "urgent": one.urgent,
            "second": one.second and not one.finished_at,
        }
        for one in found
    ]


def head(request: DataRequest, member: ObjectId, now: datetime) -> dict[str, Any]:
    """What every page of a request shows of it: clear fields."""
    waits = bool(request.proposed_by) and not request.approved_by and not request.finished
    return {
        "reference": request.reference,
        "right": code(request.right),
        "law": gettext(RIGHTS[Right(request.right)].article),
        "state": state_name(request.state),
        "tone": request_wording.TONES.get(request.state, "neutral"),
        "received": wording.moment(request.recorded_at, get_locale()),
        "due": day(request.due_at),
        "left": None if request.finished else left(request.due_at, now),
        "finished": request.finished_at and day(request.finished_at),
        "channel": code(request.channel),
        "urgent": request.urgent,
        "holder": whose(request.assigned_to, member),
        "second": waits,
        "proposed_for": gettext(WHEN[bool(request.proposed_at_once)]) if waits else None,
        "what_now": gettext(PROPOSED if waits else WHAT_NOW[request.state]),
    }


def inside(
    request: DataRequest, details: RequestDetails, revealed: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What is sealed in it, for the one who has it in hand; sensitive values masked (P4)."""
    return {
        "words": details.words,
        "reason": details.reason,
        "ground": details.ground and gettext(restriction.GROUNDS[details.ground]),
        "reckoning": request_wording.reckoning(
            requests.deadline_of(request), gettext, get_locale()
        ),
        "steps": request_wording.steps(details.events, request.finished, gettext, get_locale()),
        "messages": [
            {
                "who": gettext(FROM[message.direction]),
                "when": day(date.fromisoformat(message.on)),
                "body": message.body,
                "direction": message.direction,
            }
            for message in details.messages
        ],
        "changes": correction_words.shown(
            details.changes, gettext, get_locale(), revealed, client=gettext("The client")
        ),
        "proposals": [
            {
                "when": day(date.fromisoformat(one.on)),
                "reason": one.reason,
                "outcome": code(one.outcome) if one.outcome else gettext("Waits for a decision"),
                "answer": one.answer,
            }
            for one in details.proposals
        ],
        "earlier": requests.reference_of(request.client, request.earlier),
    }


def evidence(papers: Iterable[Row], reference: str) -> list[dict[str, str | None]]:
    """The papers that came with a correction."""
    return [
        {
            "name": row.values["filename"] or gettext("Erased"),
            "state": code(row.values["status"]),
            "added": day(row.recorded_at),
            "url": url_for("moderation.request_paper", reference=reference, record=str(row.id))
            if row.readable
            else None,
        }
        for row in papers
    ]


def standing(facts: Facts) -> dict[str, Any]:
    """What holds for the client as a whole: a restriction, an erasure to come."""
    held = facts.restricted
    return {
        "restricted": held
        and {
            "since": day(held.since),
            "ground": gettext(restriction.GROUNDS[held.ground]),
            "ends": held.ends and day(held.ends),
        },
        "erasure_begins": facts.erasure_begins and day(facts.erasure_begins),
    }


def buttons(facts: Facts, member: Member) -> list[dict[str, Any]]:
    """The steps that are possible now and are this member's to take."""
    decides = member.may(Permission.DECIDE)
    return [
        {
            "url": step_address(step, facts.request.reference),
            "title": gettext(step.title),
            "explanation": gettext(step.explanation),
            "at_once": step.at_once,
            "tone": step.tone,
        }
        for step in STEPS
        if step.possible(facts) and (decides or not step.decides)
    ]


def step_address(step: Step, reference: str) -> str:
    if step.decides:
        return url_for("moderation.decide_request", reference=reference, decision=step.name)
    return url_for("moderation.request_step", reference=reference, step=step.name)


def extensions(request: DataRequest) -> dict[str, str]:
    """For each number of months the due date that it would give."""
    return {
        str(months): gettext("Due on %(day)s then", day=day(requests.later(request, months)))
        for months in (1, 2)
    }


def plan(found: Plan) -> dict[str, Any]:
    """What a deletion would do, as the client sees it as well (P28)."""
    return request_wording.plan_tables(found, gettext, get_locale())
