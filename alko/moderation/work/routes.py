"""The first page of the staff's surface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, url_for
from flask_babel import get_locale, gettext, ngettext

from alko.mail import dead_letters, outage
from alko.moderation.blueprint import blueprint
from alko.moderation.work import reading
from alko.privacy import wording
from alko.privacy.door.permissions import Permission
from alko.privacy.oversight import alerts, breaches
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render
from alko.words import N_

KINDS = {
    "R": (N_("Request"), "moderation.request_page", "reference"),
    "C": (N_("Message"), "moderation.message_page", "reference"),
    "AC": (N_("Order"), "moderation.order_page", "number"),
    "paper": (N_("Paper"), "moderation.paper_page", "record"),
}
"""For each kind of work its name, and the page it is done on."""


@dataclass(frozen=True)
class Queue:
    """A desk with a queue of one kind of work."""

    kind: str
    name: str
    endpoint: str
    permission: Permission
    filter: str = "view"
    """The part of its address that narrows it down, for instance to nobody's."""


QUEUES = (
    Queue("R", N_("Requests"), "moderation.request_queue", Permission.REQUESTS, "holder"),
    Queue("C", N_("Messages"), "moderation.messages", Permission.MESSAGES),
    Queue("paper", N_("Documents"), "moderation.papers", Permission.DOCUMENTS),
)
"""The desks that the page counts, with what their addresses are given for each number."""


@blueprint.get("")
@staff(Permission.WORK)
def today() -> Response:
    """What the member has in hand, and what waits at the desks; an administrator has no cases."""
    now = datetime.now(UTC)
    return render(
        "moderation/work/today.html",
        items=[
            {
                "kind": gettext(KINDS[item.kind][0]),
                "url": _address(item),
                "reference": item.reference,
                "since": wording.day(item.since, get_locale()),
                "left": (item.due_at - now) // timedelta(days=1) if item.due_at else None,
            }
            for item in reading.mine(current_member.id)
        ],
        desks=[_desk(queue, now) for queue in QUEUES if current_member.may(queue.permission)],
        notices=_notices(),
    )


def _desk(queue: Queue, now: datetime) -> dict[str, Any]:
    """Requests are given out by officers: an agent's own are all that concern an agent."""
    nobodys: dict[str, Any] = {queue.filter: "nobody"}
    own = queue.kind == "R" and not current_member.may(Permission.DECIDE)
    found = reading.waiting(queue.kind, now, current_member.id if own else None)
    return {
        "name": gettext(queue.name),
        "url": url_for(queue.endpoint),
        "open": found.open,
        "overdue": found.overdue,
        "today": found.today,
        "nobodys": None if own else found.nobodys,
        "nobodys_url": url_for(queue.endpoint, **nobodys),
    }


def _notices() -> list[tuple[str, str, str]]:
    """What somebody has to look at besides the queues: text, address, words of the link."""
    found = []
    if current_member.may(Permission.BREACHES) and (undecided := breaches.undecided()):
        text = ngettext(
            "Of %(num)d breach it is not noted that the authority was told: the 72 hours end on "
            "%(when)s.",
            "Of %(num)d breaches it is not noted that the authority was told: the first 72 hours "
            "end on %(when)s.",
            len(undecided),
            when=wording.moment(undecided[0].due_at, get_locale()),
        )
        found.append((text, url_for("moderation.breaches"), gettext("See the breaches")))
    if current_member.may(Permission.LEDGER) and (count := alerts.waiting()):
        text = ngettext(
            "%(num)d alert about unusual access waits for somebody to look at it.",
            "%(num)d alerts about unusual access wait for somebody to look at them.",
            count,
        )
        found.append((text, url_for("moderation.alerts"), gettext("See the alerts")))
    if current_member.may(Permission.MAIL) and (away := outage.current()):
        since = wording.moment(away.since, get_locale())
        text = gettext("The mail server has not been reached since %(when)s.", when=since)
        found.append((text, url_for("moderation.mail"), gettext("See the mails")))
    if current_member.may(Permission.MAIL) and (count := dead_letters.count()):
        text = ngettext(
            "%(num)d mail could not be delivered.", "%(num)d mails could not be delivered.", count
        )
        found.append((text, url_for("moderation.mail"), gettext("See the mails")))
    return found


def _address(item: reading.Item) -> str:
    _, endpoint, name = KINDS[item.kind]
    values: dict[str, Any] = {name: item.reference}
    return url_for(endpoint, **values)
