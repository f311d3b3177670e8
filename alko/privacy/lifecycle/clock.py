"""Nothing is erased by a wrong clock: this machine's and the database's must agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alko.database import connection

TOLERANCE = timedelta(minutes=10)


class ClockDisagrees(Exception):
    """This machine's clock and the database's differ: nothing is erased by a wrong clock."""


def check(now: datetime) -> None:
    """Raise ClockDisagrees unless the database's clock says about the same."""
    theirs: datetime = connection.current().client.admin.command("hello")["localTime"]
    if abs(theirs.replace(tzinfo=UTC) - now) > TOLERANCE:
        raise ClockDisagrees("this clock and the database's differ; nothing was erased")
