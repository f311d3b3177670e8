"""Routes of the recipients' desk: parse, call, render."""

from __future__ import annotations

from bson import ObjectId
from bson.errors import InvalidId
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext

from alko.moderation.blueprint import blueprint
from alko.moderation.recipients import presentation
from alko.moderation.recipients.forms import AgreementForm, DisclosureForm
from alko.privacy.door.access import AccessDenied, Restricted
from alko.privacy.door.permissions import Permission
from alko.privacy.sharing import disclosures, recipients, telling
from alko.privacy.sharing.recipients import AgreementRefused, NoAgreement
from alko.privacy.vocabulary import Recipient
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render


@blueprint.get("/recipients")
@staff(Permission.RECIPIENTS)
def recipients_page() -> Response:
    return render(
        "moderation/recipients/index.html",
        groups=presentation.register(),
        notices=presentation.notices(),
    )


@blueprint.route("/recipients/new", methods=["GET", "POST"])
@staff(Permission.RECIPIENTS)
def new_agreement() -> Response:
    """A new agreement, or with ``renew`` the next one with the same company."""
    form = AgreementForm(data=_renewed(request.args.get("renew")))
    if form.validate_on_submit():
        try:
            recipients.enter(
                current_member.actor(),
                Recipient(form.recipient.data),
                form.company.data or "",
                form.reference.data or "",
                form.signed_on.data,
                form.expires_on.data,
                form.contact.data or "",
            )
        except AgreementRefused:
            form.reference.errors = [gettext("An agreement with this reference is there already.")]
        else:
            flash(gettext("The agreement is in the register."), "success")
            return _see()
    return render(
        "moderation/recipients/agreement.html", status=422 if form.errors else 200, form=form
    )


def _renewed(agreement: str | None) -> dict[str, str]:
    found = recipients.find(_number(agreement)) if agreement else None
    if found is None:
        return {}
    return {"recipient": found.code, "company": found.company, "contact": found.contact}


@blueprint.route("/recipients/<record>/end", methods=["GET", "POST"])
@staff(Permission.RECIPIENTS)
def end_agreement(record: str) -> Response:
    """Asks first: from then on the company gets nothing unless another agreement binds it."""
    found = recipients.find(_number(record)) or abort(404)
    if request.method == "GET" and found.ended_at is None:
        return render("moderation/recipients/end.html", agreement=found)
    if recipients.end(current_member.actor(), found.pk):
        flash(
            gettext("The agreement has ended. Nothing is passed on under it any more."), "success"
        )
    else:
        flash(gettext("It has ended already."), "info")
    return _see()


@blueprint.route("/recipients/disclose", methods=["GET", "POST"])
@staff(Permission.RECIPIENTS)
def disclose() -> Response:
    """Record what is passed on by hand, before it is; the client reads it in their activity."""
    form = DisclosureForm()
    companies = form.agreement.choices
    if len(companies) == 1:
        form.agreement.data = form.agreement.data or companies[0].value
    if form.validate_on_submit() and _recorded(form):
        flash(gettext("Recorded, and shown to the client. You can pass it on now."), "success")
        return _see()
    if not companies:
        form.agreement.errors = []  # the page itself says that there is none
    return render(
        "moderation/recipients/disclose.html",
        status=422 if request.method == "POST" else 200,
        form=form,
    )


def _recorded(form: DisclosureForm) -> bool:
    case = (form.case.data or "").strip()
    try:
        disclosures.by_hand(
            current_member.actor(case=case),
            _number(form.agreement.data),
            form.data.data or [],
            form.occasion.data or "",
        )
    except NoAgreement:
        form.agreement.errors = [
            gettext("This agreement is not in force: nothing may be passed on under it.")
        ]
    except disclosures.NotAllowed:
        form.data.errors = [gettext("This recipient may not get all of these details.")]
    except Restricted:
        form.case.errors = [
            gettext("The use of this client's data is restricted: nothing may be passed on.")
        ]
    except AccessDenied:
        form.case.errors = [
            gettext("This is no order assigned to you, and no override of yours that is in force.")
        ]
    else:
        return True
    return False


@blueprint.post("/recipients/notices/<record>/told")
@staff(Permission.RECIPIENTS)
def notice_told(record: str) -> Response:
    """A member told a company by hand what the law has it told (GDPR Art. 19)."""
    if telling.told_by_hand(current_member.actor(), _number(record)):
        flash(gettext("Noted: the company is told."), "success")
    else:
        flash(gettext("There is no such notice, or it was noted before."), "info")
    return _see()


def _number(record: str | None) -> ObjectId:
    try:
        return ObjectId(record or "")
    except InvalidId:
        abort(404)


def _see() -> Response:
    return redirect(url_for("moderation.recipients_page"), code=303)  # type: ignore[return-value]
