"""The portal's counts in Prometheus' text format: how many of what, never of whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alko.policy import probes
from alko.privacy.oversight import statistics


def exposition() -> str:
    """All metrics, one a line."""
    report = probes.report()
    promises = {status.value: count for status, count in report.counts.items()}
    lines = (
        *_by("alko_records", "Stored records (estimated).", "kind", statistics.records()),
        *_one("alko_accounts", "Accounts.", statistics.accounts()),
        *_one("alko_sign_ins_open", "Sessions that are open.", statistics.open_sign_ins()),
        *_by("alko_mails", "Mails.", "status", statistics.mails()),
        *_by("alko_mails_taken_in", "Mails piped in.", "outcome", statistics.intake()),
        *_by("alko_promises", "Promises of the privacy policy.", "status", promises),
        *_one("alko_promise_alerts", "Findings to be looked at.", len(report.alerts)),
    )
    return "\n".join(lines) + "\n"


def _one(name: str, text: str, value: int) -> Iterator[str]:
    yield from _head(name, text)
    yield f"{name} {value}"


def _by(name: str, text: str, label: str, values: Mapping[str, int]) -> Iterator[str]:
    yield from _head(name, text)
    for key, value in values.items():
        yield f'{name}{{{label}="{key}"}} {value}'


def _head(name: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
