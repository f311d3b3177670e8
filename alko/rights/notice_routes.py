"""What a recipient of data is told, read by the company itself: its token was mailed."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, url_for
from flask_babel import gettext

from alko.account.routes import by_caller
from alko.privacy.sharing import telling
from alko.rights import presentation
from alko.rights.blueprint import blueprint
from alko.web.access import public
from alko.web.pages import render


@blueprint.get("/notices/<token>")
@public
def notice(token: str) -> Response:
    found = telling.by_token(token) or abort(404)
    return render(
        "rights/notice.html",
        token=token,
        found=found,
        asked=gettext(telling.ASKED[found.about]),
        title=presentation.code(found.about),
        details=[presentation.code(one) for one in found.data],
        written=presentation.day(found.written),
        told=found.told and presentation.day(found.told),
    )


@blueprint.post("/notices/<token>")
@public
@by_caller
def confirm_notice(token: str) -> Response:
    if not telling.confirm(token):
        abort(404)
    flash(gettext("Thank you. It is noted that you did it."), "success")
    return redirect(url_for("rights.notice", token=token), code=303)  # type: ignore[return-value]
