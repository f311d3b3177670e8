"""Searching and verifying the ledger. Looking at it is logged as well (P17)."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext, ngettext

from alko.moderation.blueprint import blueprint
from alko.moderation.ledger import presentation
from alko.moderation.ledger.forms import LedgerForm
from alko.privacy.accountability import ledger_search, verification
from alko.privacy.accountability.ledger_search import Place
from alko.privacy.door.permissions import Permission
from alko.privacy.oversight import alerts
from alko.web.access import staff
from alko.web.ids import record_id
from alko.web.members import current_member
from alko.web.pages import render


@blueprint.get("/ledger")
@staff(Permission.LEDGER)
def ledger() -> Response:
    form = LedgerForm(request.args)
    behind = None
    if "behind" in request.args and (behind := Place.parsed(request.args["behind"])) is None:
        abort(404)
    found: list[ledger_search.Found] = []
    rest = None
    if form.validate():
        found, rest = ledger_search.search(current_member.actor(), form.filters, behind)
    asked = {name: value for name, value in request.args.items() if value and name in form.data}
    walk = verification.progress()
    return render(
        "moderation/ledger/index.html",
        status=422 if form.errors else 200,
        form=form,
        entries=[presentation.entry(one) for one in found],
        narrowed=bool(asked),
        first_url=presentation.address(**asked) if behind else "",
        older_url=presentation.address(**asked, behind=str(rest)) if rest else "",
        alerts=alerts.waiting(),
        chain=str(form.chain.data or "") if not form.errors else "",
        walk=presentation.walk(walk) if walk else None,
    )


@blueprint.post("/ledger/verify")
@staff(Permission.LEDGER)
def verify_ledger() -> Response:
    """One chain at once, or all by the worker."""
    raw = request.form.get("chain", "")
    if not raw:
        verification.begin(current_member.actor())
        return _see(url_for("moderation.verification"))
    count, problem = verification.verify_one(current_member.actor(), record_id(raw))
    if problem:
        flash(gettext("This chain does not verify: %(problem)s.", problem=problem), "error")
    else:
        flash(
            ngettext(
                "This chain is complete and unaltered: %(num)d entry.",
                "This chain is complete and unaltered: %(num)d entries.",
                count,
            ),
            "success",
        )
    return _see(url_for("moderation.ledger", chain=raw))


@blueprint.get("/ledger/verification", endpoint="verification")
@staff(Permission.LEDGER)
def verification_page() -> Response:
    """How far the walk through all chains is."""
    found = verification.progress()
    return render(
        "moderation/ledger/verification.html",
        block="walk",
        walk=presentation.walk(found) if found else None,
    )


def _see(address: str) -> Response:
    return redirect(address, code=303)  # type: ignore[return-value]
