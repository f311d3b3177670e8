"""Writing, comparing and publishing the policy, and how far everybody was told (P36, P37)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from alko.mail import campaigns
from alko.moderation.blueprint import blueprint
from alko.moderation.policy import presentation
from alko.moderation.policy.forms import NAMES, DraftForm, ReviewForm, RevisionForm
from alko.policy import drafts, review, store
from alko.privacy.door.permissions import Permission
from alko.web import paging
from alko.web.access import staff
from alko.web.members import current_member
from alko.web.pages import render
from alko.web.paging import Pager, Stretch


@blueprint.get("/policy")
@staff(Permission.POLICY)
def policy() -> Response:
    return _policy(ReviewForm())


@blueprint.post("/policy/review")
@staff(Permission.POLICY)
def review_policy() -> Response:
    """Reviewed today, no change."""
    form = ReviewForm()
    if not form.validate_on_submit():
        return _policy(form)
    try:
        review.without_change(current_member.actor(), datetime.now(UTC))
    except store.Drifted:
        form.form_errors.append(
            gettext("The software says something else than the published text: publish that first.")
        )
        return _policy(form)
    flash(gettext("The review of today is noted."), "success")
    return _see("moderation.policy")


def _policy(form: ReviewForm) -> Response:
    now = datetime.now(UTC)
    draft = drafts.current(now)
    return render(
        "moderation/policy/index.html",
        status=422 if form.errors else 200,
        form=form,
        current=store.current(),
        drifted=store.is_drifted(),
        stale=store.is_review_stale(now),
        draft=draft if draft.revision else None,
        versions=[presentation.version(one) for one in store.all_versions()],
    )


@blueprint.route("/policy/draft", methods=["GET", "POST"])
@staff(Permission.POLICY)
def policy_draft() -> Response:
    """Write the next version; what is made from the inventory is not in the form."""
    draft = drafts.current(datetime.now(UTC))
    form = DraftForm(
        revision=draft.revision,
        version=draft.version,
        summary=draft.summary,
        significant=draft.significant,
        **{NAMES[section]: words for section, words in draft.written.items()},
    )
    if form.validate_on_submit() and _saved(form):
        return _see("moderation.compare_policy")
    return render(
        "moderation/policy/draft.html",
        status=422 if form.errors else 200,
        form=form,
        sections=list(NAMES.values()),
        is_new=not draft.revision,
    )


def _saved(form: DraftForm) -> bool:
    raw = form.revision.data or ""
    try:
        drafts.save(
            current_member.actor(),
            int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1,
            form.version.data or "",
            form.summary.data or "",
            bool(form.significant.data),
            form.written,
        )
    except drafts.DraftChanged:
        form.form_errors.append(
            gettext(
                "Somebody else changed the draft meanwhile. Copy what you typed, open the "
                "draft anew, and put your changes in."
            )
        )
        return False
    return True


@blueprint.get("/policy/compare")
@staff(Permission.POLICY)
def compare_policy() -> Response:
    return _compare(RevisionForm())


def _compare(form: RevisionForm) -> Response:
    draft = drafts.current(datetime.now(UTC))
    return render(
        "moderation/policy/compare.html",
        status=409 if form.errors else 200,
        form=form,
        draft=draft,
        current=store.current(),
        changes=drafts.comparison(draft),
        lines=draft.lines,
    )


@blueprint.post("/policy/publish")
@staff(Permission.POLICY)
def publish_policy() -> Response:
    form = RevisionForm()
    try:
        published = drafts.publish(current_member.actor(), form.number, datetime.now(UTC))
    except (drafts.DraftChanged, drafts.NotNewer):
        return _changed(form)
    except store.VersionExists:
        form.form_errors.append(gettext("This version is published already: give it another name."))
        return _compare(form)
    flash(gettext("Version %(version)s is in force.", version=published.version), "success")
    return _see("moderation.policy_version", version=published.version)


@blueprint.post("/policy/discard")
@staff(Permission.POLICY)
def discard_policy() -> Response:
    form = RevisionForm()
    try:
        drafts.discard(current_member.actor(), form.number)
    except drafts.DraftChanged:
        return _changed(form)
    flash(gettext("The draft is thrown away."), "success")
    return _see("moderation.policy")


def _changed(form: RevisionForm) -> Response:
    form.form_errors.append(
        gettext("The draft is not the one you looked at any more. This is how it is now.")
    )
    return _compare(form)


@blueprint.get("/policy/versions/<version>")
@staff(Permission.POLICY)
def policy_version(version: str) -> Response:
    """One version, how far everybody was told, and the evidence."""
    try:
        shown, _ = store.version_and_previous(version)
    except store.NoSuchVersion:
        raise NotFound from None
    event = store.event_of(shown.version)
    progress = campaigns.progress(event)
    page = Stretch.of(paging.number_asked(), sum(progress.mails.values()) if progress else 0)
    return render(
        "moderation/policy/version.html",
        block="progress",
        version=shown,
        facts=presentation.version(shown),
        progress=presentation.progress(progress) if progress else None,
        evidence=presentation.evidence(campaigns.evidence(event, page.skip, page.size)),
        page=Pager(
            page,
            lambda number: url_for("moderation.policy_version", version=shown.version, page=number),
        ),
    )


def _see(endpoint: str, version: str | None = None) -> Response:
    return redirect(url_for(endpoint, version=version), code=303)  # type: ignore[return-value]
