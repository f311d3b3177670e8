"""What the policy's desk shows of versions, of the sending, and of its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import get_locale, gettext

from alko.mail.campaigns import Progress, Told
from alko.models.communication import MailStatus
from alko.privacy import wording


def version(found: Any) -> dict[str, Any]:
    """A version of the policy, as a row of a table."""
    return {
        "version": found.version,
        "summary": found.summary,
        "updated": _day(found.updated_on),
        "reviewed": _day(found.reviewed_on),
        "significant": found.significant,
    }


def progress(found: Progress) -> dict[str, Any]:
    """How far the telling is, in numbers and words."""
    done = found.written + found.unreachable
    return {
        "clients": max(found.clients, done),
        "written": found.written,
        "sent": found.mails.get(MailStatus.SENT.value, 0),
        "waiting": found.mails.get(MailStatus.QUEUED.value, 0),
        "dead": found.mails.get(MailStatus.DEAD.value, 0)
        + found.mails.get(MailStatus.DROPPED.value, 0),
        "unreachable": found.unreachable,
        "begun": _moment(found.begun_at),
        "finished": _moment(found.finished_at) if found.finished_at else "",
        "under_way": found.finished_at is None or bool(found.mails.get(MailStatus.QUEUED.value)),
    }


def evidence(found: list[Told]) -> list[dict[str, str]]:
    return [
        {
            "client": str(one.client),
            "status": wording.code(one.status, gettext),
            "written": _moment(one.written_at),
            "sent": _moment(one.sent_at) if one.sent_at else "",
        }
        for one in found
    ]


def _day(moment: datetime) -> str:
    return wording.day(moment, get_locale())


def _moment(moment: datetime) -> str:
    return wording.moment(moment, get_locale())
