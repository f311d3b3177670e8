"""Reports for everybody of staff: a page, and each table as a file."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, abort, request, url_for
from flask_babel import ngettext

from alko.moderation.blueprint import blueprint
from alko.moderation.reports import presentation, reading
from alko.privacy.door.permissions import Permission
from alko.web.access import staff
from alko.web.pages import render

PERIODS = (3, 6, 12, 24)
USUAL = 12
"""Months."""


@blueprint.get("/reports")
@staff(Permission.REPORTS)
def reports() -> Response:
    """All reports of a period; the address names its months."""
    now, count = datetime.now(UTC), _months()
    months = reading.months(now, count)
    return render(
        "moderation/reports/index.html",
        reports=[make(months, now) for make in presentation.REPORTS.values()],
        month_name=presentation.month_name,
        csv_url=lambda name: url_for("moderation.report_file", name=name, months=count),
        periods=[
            (
                ngettext("%(num)d month", "%(num)d months", one),
                url_for("moderation.reports", months=one),
                one == count,
            )
            for one in PERIODS
        ],
    )


@blueprint.get("/reports/<name>.csv")
@staff(Permission.REPORTS)
def report_file(name: str) -> Response:
    make = presentation.REPORTS.get(name)
    if make is None:
        abort(404)
    now = datetime.now(UTC)
    report = make(reading.months(now, _months()), now)
    headers = {"Content-Disposition": f'attachment; filename="alko-{name}-{now:%Y-%m-%d}.csv"'}
    return Response(presentation.as_csv(report), mimetype="text/csv", headers=headers)


def _months() -> int:
    """The period that was asked for; 404 for none of the offered."""
    raw = request.args.get("months", str(USUAL))
    if raw not in map(str, PERIODS):
        abort(404)
    return int(raw)
