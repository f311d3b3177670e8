"""The reports: what each counts, as a table, a drawing and a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale, gettext

from alko.moderation.reports import drawing, reading
from alko.moderation.reports.drawing import Drawing
from alko.moderation.reports.reading import Answered
from alko.privacy import wording
from alko.words import N_

Rows = list[list[int | str]]
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell would be a formula in a spreadsheet."""


@dataclass(frozen=True)
class Report:
    """One report. ``rows`` begin with the name of the row."""

    name: str
    title: str
    text: str
    columns: list[str]
    rows: Rows
    drawing: Drawing | None = None
    empty: bool = False
    monthly: bool = True
    """Whether the names of the rows are months."""


REQUEST_CODES = (
    *(("done", N_("Done")), ("refused", N_("Refused")), ("withdrawn", N_("Withdrawn"))),
    *(("open", N_("Open")), ("overdue", N_("Overdue"))),
)
CASE_CODES = (("closed", N_("Closed")), ("open", N_("Open")))


def received(months: list[str], now: datetime) -> Report:
    return _counted(
        "requests",
        N_("Requests by month"),
        N_("By the month in which they were received, and what became of them."),
        months,
        reading.requests_received(reading.beginning(months[0]), now),
        REQUEST_CODES,
    )


def answers(months: list[str], _: datetime) -> Report:
    """Days from receipt to the answer; the law allows one month (P34)."""
    found = reading.time_to_answer(reading.beginning(months[0]))
    numbers = [found.get(month, Answered()) for month in months]
    medians, ninetieths = [one.median for one in numbers], [one.ninetieth for one in numbers]
    return Report(
        "time-to-answer",
        gettext("Time to answer"),
        gettext("Days from receipt to the answer, by the month of the answer; 30 are promised."),
        [
            gettext("Month"),
            gettext("Median, days"),
            gettext("90 of 100 within, days"),
            gettext("Answered"),
            gettext("Answered late"),
        ],
        [
            [month, one.median, one.ninetieth, one.count, one.late]
            for month, one in zip(months, numbers, strict=True)
        ],
        drawing.side_by_side(_labels(months), [medians, ninetieths]),
        not any(one.count for one in numbers),
    )


def cases(months: list[str], _: datetime) -> Report:
    return _counted(
        "cases",
        N_("Contact cases by month"),
        N_("By the month in which they came, and whether they are closed."),
        months,
        reading.cases_received(reading.beginning(months[0])),
        CASE_CODES,
    )


def delivered(months: list[str], _: datetime) -> Report:
    return _counted(
        "deliveries",
        N_("Cars delivered by month"),
        N_("By the month of the handover."),
        months,
        reading.deliveries(reading.beginning(months[0])),
        (("delivered", N_("Delivered")),),
    )


def at_present(_: list[str], now: datetime) -> Report:
    """What is open now, whatever the period."""
    found = reading.at_present(now)
    return _by_group(
        "now",
        N_("Open at this moment"),
        N_("Requests by what is left of their time."),
        [
            (gettext("Requests overdue"), found.overdue),
            (gettext("Requests due within 7 days"), found.soon),
            (gettext("Requests due later"), found.later),
        ],
    )


def papers(_: list[str], now: datetime) -> Report:
    """What waits for a check now, whatever the period."""
    ages = [
        gettext("Up to 1 day"),
        gettext("Up to 3 days"),
        gettext("Up to 7 days"),
        gettext("Longer"),
    ]
    return _by_group(
        "papers",
        N_("Documents waiting"),
        N_("Papers that wait for a check at this moment, by how long they wait."),
        list(zip(ages, reading.papers_waiting(now), strict=True)),
    )


REPORTS: dict[str, Callable[[list[str], datetime], Report]] = {
    "now": at_present,
    "papers": papers,
    "requests": received,
    "time-to-answer": answers,
    "cases": cases,
    "deliveries": delivered,
}
"""By the name in their addresses, in the order of the page."""


def as_csv(report: Report) -> str:
    """The table as a file for spreadsheets."""
    file = io.StringIO()
    writer = csv.writer(file)
    rows: list[Sequence[int | str]] = [report.columns, *report.rows]
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return file.getvalue()


def month_name(month: str) -> str:
    """For instance ``May 2026``."""
    return wording.day(reading.beginning(month), get_locale()).partition(" ")[2]


def _harmless(cell: int | str) -> int | str:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def _labels(months: Sequence[str]) -> list[str]:
    return [month_name(month) for month in months]


def _counted(
    name: str,
    title: str,
    text: str,
    months: list[str],
    found: reading.Counts,
    codes: tuple[tuple[str, str], ...],
) -> Report:
    """Months down, codes across."""
    series = [[found.get(month, {}).get(code, 0) for month in months] for code, _ in codes]
    rows: Rows = [
        [month, *column] for month, column in zip(months, zip(*series, strict=True), strict=True)
    ]
    return Report(
        name,
        gettext(title),
        gettext(text),
        [gettext("Month"), *(gettext(label) for _, label in codes)],
        rows,
        drawing.stacked(_labels(months), series),
        not found,
    )


def _by_group(name: str, title: str, text: str, groups: list[tuple[str, int]]) -> Report:
    """One number for each group."""
    return Report(
        name,
        gettext(title),
        gettext(text),
        [gettext("What"), gettext("How many")],
        [[label, count] for label, count in groups],
        drawing.stacked([label for label, _ in groups], [[count for _, count in groups]]),
        monthly=False,
    )
