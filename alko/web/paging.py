"""Pages of a list: what an address asks for, and what the pagination macro needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from flask import abort, request

from alko.privacy.door.dossier import PAGE_SIZE, Page

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Counted(Protocol):
    """One page of a list, whatever is on it."""

    @property
    def number(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True)
class Stretch:
    """A page of a list that is read by skipping."""

    number: int
    total: int
    size: int = PAGE_SIZE

    @classmethod
    def of(cls, number: int, total: int) -> Stretch:
        """The page of that number; the last one for a number beyond it."""
        return cls(min(number, max(1, math.ceil(total / PAGE_SIZE))), total)

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.size))

    @property
    def skip(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class Pager:
    """A page of a list, and where its neighbours are."""

    page: Counted
    address: Callable[[int], str]

    @property
    def number(self) -> int:
        return self.page.number

    @property
    def pages(self) -> int:
        return self.page.pages

    @property
    def total(self) -> int:
        return self.page.total

    @property
    def first(self) -> int:
        return (self.page.number - 1) * self.page.size + 1 if self.page.total else 0

    @property
    def last(self) -> int:
        return min(self.page.number * self.page.size, self.page.total)

    def url_for(self, number: int) -> str:
        return self.address(number)


def number_asked() -> int:
    """The page asked for, 1 where there is none; 404 for what is no page number."""
    raw = request.values.get("page", "1")
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 8 and int(raw) >= 1):
        abort(404)
    return int(raw)


def until_asked() -> datetime | None:
    """The moment that pins the list (milliseconds), None at the first look; 404 for nonsense."""
    raw = request.values.get("until")
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 15):
        abort(404)
    moment = datetime.fromtimestamp(int(raw) / 1000, UTC)
    if not EARLIEST <= moment <= LATEST:
        abort(404)
    return moment


def pin(page: Page) -> int:
    """The moment that pins a list, in milliseconds, as its addresses carry it."""
    return math.ceil(page.until.timestamp() * 1000)
