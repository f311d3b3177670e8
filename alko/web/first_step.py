"""Between password and code: who gave the right password has a few tries at the second factor.

The step is in the browser's session, which a browser can bring back as it was before; so wrong
codes are counted here, under the number of the step.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import session
from limits import RateLimitItemPerHour

from alko.extensions import limiter
from alko.web import attempts

TRIES = RateLimitItemPerHour(5)
"""Wrong codes after which the password is asked for again; no step lasts an hour."""


@dataclass(frozen=True)
class FirstStep:
    """Whose password was right, and at what account (attempts.py) it was typed."""

    who: str
    account: str
    number: str
    at: int
    remember: bool

    @property
    def person(self) -> ObjectId:
        return ObjectId(self.who)


class FirstSteps:
    """The first steps of one surface, kept under ``key`` in the session for so many seconds."""

    def __init__(self, key: str, seconds: int) -> None:
        self._key = key
        self._seconds = seconds

    def begin(self, who: ObjectId, *, remember: bool = False) -> None:
        """The password of ``who`` was right, for the address in the present form."""
        number, account = secrets.token_urlsafe(12), attempts.typed_account()
        step = FirstStep(str(who), account, number, _now(), remember)
        session[self._key] = asdict(step)

    def find(self) -> FirstStep | None:
        """The step this browser has taken; None where there is none, or it is over."""
        step = self._kept()
        return step if step and self._has_tries(step) else None

    def miss(self, step: FirstStep) -> bool:
        """Count a wrong code; whether the step goes on."""
        attempts.count()
        limiter.limiter.hit(TRIES, self._key, step.number)
        return self._has_tries(step)

    def by_code(self) -> Any:
        """A decorator of views: wrong codes for one account, however often the step is taken."""
        return attempts.limit(
            lambda settings: settings.rate_code,
            f"{self._key}-codes",
            key=lambda: attempts.among_its_like(self._account()),
            exempt_when=lambda: not self._account(),
        )

    def _kept(self) -> FirstStep | None:
        kept = session.get(self._key)
        if not isinstance(kept, dict) or kept.keys() != FirstStep.__annotations__.keys():
            return None
        step = FirstStep(**kept)
        return step if _now() - step.at <= self._seconds else None

    def _has_tries(self, step: FirstStep) -> bool:
        return limiter.limiter.test(TRIES, self._key, step.number)

    def _account(self) -> str:
        step = self._kept()
        return step.account if step else ""


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
