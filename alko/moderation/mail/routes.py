"""Dead letters: which, when, how often tried; never to whom."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import get_locale, gettext, ngettext

from alko.mail import dead_letters, outage
from alko.moderation.blueprint import blueprint
from alko.privacy import wording
from alko.privacy.door.permissions import Permission
from alko.web import paging
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager, Stretch


@blueprint.get("/mail")
@staff(Permission.MAIL)
def mail() -> Response:
    page = Stretch.of(paging.number_asked(), dead_letters.count())
    letters = dead_letters.some(page.skip, page.size)
    return render(
        "moderation/mail/index.html",
        letters=[
            {
                "kind": wording.code(one.kind, gettext),
                "client": str(one.client),
                "written": wording.moment(one.written_at, get_locale()),
                "attempts": one.attempts,
                "retry_url": url_for("moderation.retry_mail", record=one.id),
                "drop_url": url_for("moderation.drop_mail", record=one.id),
            }
            for one in letters
        ],
        kinds=[
            {"code": kind, "name": wording.code(kind, gettext), "count": number}
            for kind, number in dead_letters.by_kind().items()
        ],
        away=_away(),
        page=Pager(page, lambda number: url_for("moderation.mail", page=number)),
    )


def _away() -> str:
    """Since when the mail server cannot be reached; empty where it can."""
    away = outage.current()
    return wording.moment(away.since, get_locale()) if away else ""


@blueprint.post("/mail/retry-all")
@staff(Permission.MAIL)
def retry_mails() -> Response:
    """All of one kind: a server that was away or misled refused them alike."""
    count = dead_letters.retry_all(request.form.get("kind", ""), current_member.actor())
    if not count:
        abort(404)
    flash(
        ngettext(
            "%(num)d mail is queued again, and will be tried at once.",
            "%(num)d mails are queued again, and will be tried one after the other.",
            count,
        ),
        "success",
    )
    return _see()


@blueprint.post("/mail/<record>/retry")
@staff(Permission.MAIL)
def retry_mail(record: str) -> Response:
    if not dead_letters.retry(record_id(record), current_member.actor()):
        abort(404)
    flash(gettext("It is queued again, and will be tried at once."), "success")
    return _see()


@blueprint.post("/mail/<record>/drop")
@staff(Permission.MAIL)
def drop_mail(record: str) -> Response:
    if not dead_letters.drop(record_id(record), current_member.actor()):
        abort(404)
    flash(gettext("It is given up. Its address and its links are forgotten."), "success")
    return _see()


def _see() -> Response:
    return redirect(url_for("moderation.mail"), code=303)  # type: ignore[return-value]
