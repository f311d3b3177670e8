"""The contact form and its receipt: parse, call, render."""

from __future__ import annotations

import secrets

from flask import Response, abort, redirect, request, session, url_for
from flask_login import current_user

from alko.account.routes import by_caller
from alko.contact import operations, presentation
from alko.contact.blueprint import blueprint
from alko.contact.forms import ContactForm, VisitorForm
from alko.extensions import alko_settings, limiter
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import case_joining
from alko.privacy.door.dossier import Dossier
from alko.privacy.vocabulary import Purpose
from alko.web.access import public
from alko.web.attempts import typed_account
from alko.web.pages import render

SHOWN_AT_MOST = 20
RECEIPTS = "contact_receipts"
"""In the session: the references of what this browser sent, so that it can print the receipt."""


def _only_looks() -> bool:
    return "confirmed" not in request.form


def _types_no_address() -> bool:
    """Who is signed in types none: all of them would share one limit."""
    return _only_looks() or bool(current_user.is_authenticated)


by_mail = limiter.shared_limit(
    lambda: alko_settings().rate_mail, scope="mail", methods=["POST"], exempt_when=_only_looks
)
by_address = limiter.shared_limit(
    lambda: alko_settings().rate_account,
    scope="contact",
    key_func=typed_account,
    methods=["POST"],
    exempt_when=_types_no_address,
)


@blueprint.route("", methods=["GET", "POST"])
@public
@by_caller
@by_mail
@by_address
def form() -> Response:
    """Write to us; what was typed is shown once more before it is sent."""
    signed_in = current_user.is_authenticated
    filled = ContactForm() if signed_in else VisitorForm()
    checking = filled.validate_on_submit() and "change" not in request.form
    writer = operations.known_writer(current_user.client) if signed_in else None
    if checking and "confirmed" in request.form:
        return _send(filled, writer)
    if checking:
        filled.key.data = secrets.token_urlsafe(16)
        return render(
            "contact/check.html",
            form=filled,
            writer=writer,
            kind=presentation.code(filled.kind.data),
        )
    return render(
        "contact/form.html",
        status=422 if filled.errors else 200,
        form=filled,
        writer=writer,
        cases=_cases() if signed_in else [],
        waiting=_waiting() if signed_in else [],
        controller=alko_settings().controller,
    )


def _send(filled: ContactForm, writer: operations.Writer | None) -> Response:
    if writer is None:
        assert isinstance(filled, VisitorForm)  # noqa: S101 - chosen above
        writer = operations.Writer(filled.name.data or "", filled.email.data)
    case = operations.send(
        writer,
        operations.Said(
            kind=filled.kind.data,
            urgent=filled.urgent.data,
            subject=filled.subject.data or "",
            message=filled.message.data or "",
            key=filled.key.data or "",
        ),
    )
    receipt = presentation.receipt_of(case)
    session[RECEIPTS] = [*session.get(RECEIPTS, []), receipt][-5:]
    address = url_for("contact.receipt", reference=case.reference)
    return redirect(address, code=303)  # type: ignore[return-value]


@blueprint.get("/<reference>/receipt")
@public
def receipt(reference: str) -> Response:
    """What was sent from this browser a moment ago: reference and dates, nothing personal."""
    mine = [one for one in session.get(RECEIPTS, []) if one["reference"] == reference]
    if not mine:
        abort(404)
    return render(
        "contact/receipt.html",
        reference=reference,
        **presentation.receipt_words(mine[-1]),
        signed_in_here=current_user.is_authenticated,
    )


def _cases() -> list[dict[str, str]]:
    """The client's own cases, newest first."""
    dossier = Dossier.open(
        current_user.client,
        current_user.actor,
        Purpose.COMMUNICATION,
        categories=["cases"],
        event=Event.CATEGORY_SHOWN,
    )
    return presentation.case_lines(dossier.page("cases", size=SHOWN_AT_MOST).rows)


def _waiting() -> list[dict[str, str]]:
    """Cases with the client's address that have not joined their data yet."""
    return presentation.waiting_lines(case_joining.waiting_for(current_user.client))
