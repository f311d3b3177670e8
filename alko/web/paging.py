"""What the pagination macro needs of a dossier's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alko.privacy.dossier import Page


@dataclass(frozen=True)
class Pager:
    """A page of a list, and where its neighbours are."""

    page: Page
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
