"""The picture of how long each category lives: pure geometry, drawn by the template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from babel import Locale

from alko.privacy import wording
from alko.privacy.dossier import Overview, Summary, erase_date
from alko.privacy.retention import Retention
from alko.privacy.wording import Translate
from alko.words import N_

MOST_TICKS = 8
MARGIN = timedelta(days=45)


@dataclass(frozen=True)
class LifetimeRow:
    """One category: fractions of the axis (0 to 1) and the same in words."""

    slug: str
    label: str
    kind: str
    start: float
    end: float
    open: bool
    from_text: str
    until_text: str
    url: str


@dataclass(frozen=True)
class Lifetime:
    rows: list[LifetimeRow]
    ticks: list[tuple[float, str]]
    today: float
    title: str
    today_label: str


@dataclass(frozen=True)
class _Axis:
    start: datetime
    end: datetime

    def at(self, moment: datetime) -> float:
        fraction = (moment - self.start) / (self.end - self.start)
        return round(min(max(fraction, 0.0), 1.0), 4)


def until_words(
    summary: Summary, account_ends: datetime | None, translate: Translate, locale: Locale
) -> str:
    """Until when a category is held, in a few words."""
    rule = summary.category.retention
    first = erase_date(summary.category, summary.erase_first, account_ends)
    last = erase_date(summary.category, summary.erase_last, account_ends)
    waiting = _waiting_words(rule, translate) if summary.open_ended else ""
    if first is None or last is None:
        return waiting or translate(N_("Until your account ends"))
    dates = wording.day(last, locale)
    if summary.erase_first and first.date() != last.date():
        dates = f"{wording.day(first, locale)} – {dates}"
    if summary.erase_after_known and waiting:
        return f"{dates}; {waiting}"
    return dates


def _waiting_words(rule: Retention, translate: Translate) -> str:
    return {
        Retention.TRANSACTIONS: translate(N_("open order: 7 years after the year it closes")),
        Retention.DOCUMENTS: translate(N_("30 days after your car is delivered")),
    }.get(rule, translate(N_("while your account is active")))


def lifetime(
    overview: Overview, urls: dict[str, str], translate: Translate, locale: Locale
) -> Lifetime | None:
    """The picture of all categories that hold something; None where none does."""
    held = [summary for summary in overview.summaries.values() if summary.count]
    if not held:
        return None
    now = datetime.now(UTC)
    ends = [e for s in held if (e := erase_date(s.category, s.erase_last, overview.account_ends))]
    starts = [summary.first for summary in held if summary.first]
    axis = _Axis(min([*starts, now]) - MARGIN, max([*ends, now]) + MARGIN)
    rows = [
        LifetimeRow(
            slug=s.category.slug,
            label=translate(s.category.label),
            kind=s.category.retention.value,
            start=axis.at(s.first or now),
            end=axis.at(erase_date(s.category, s.erase_last, overview.account_ends) or axis.end),
            open=s.open_ended > 0,
            from_text=wording.day(s.first or now, locale),
            until_text=until_words(s, overview.account_ends, translate, locale),
            url=urls[s.category.slug],
        )
        for s in held
    ]
    return Lifetime(
        rows,
        _ticks(axis),
        axis.at(now),
        translate(N_("When each category is erased")),
        translate(N_("Today")),
    )


def _ticks(axis: _Axis) -> list[tuple[float, str]]:
    years = range(axis.start.year + 1, axis.end.year + 1)
    step = max(1, -(-len(years) // MOST_TICKS))
    return [(axis.at(datetime(year, 1, 1, tzinfo=UTC)), str(year)) for year in years[::step]]
