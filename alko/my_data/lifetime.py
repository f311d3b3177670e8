"""The picture of how long each category lives: pure geometry, drawn by the template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from babel import Locale

from alko.privacy import wording
from alko.privacy.door.dossier import Overview, Summary, erase_date
from alko.privacy.door.showing import Showing
from alko.privacy.lifecycle.retention import Retention
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


def _until_text(summary: Summary, translate: Translate, locale: Locale) -> str:
    """The same for the picture, where there is room for few words."""
    if not summary.open_ended:
        return Showing(translate, locale).dates(summary)
    event = {
        Retention.TRANSACTIONS: N_("order open"),
        Retention.DOCUMENTS: N_("after delivery"),
    }.get(summary.category.retention, N_("with your account"))
    if summary.erase_last:
        return f"{wording.day(summary.erase_last, locale)} · {translate(event)}"
    return translate(event)


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
            until_text=_until_text(s, translate, locale),
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
