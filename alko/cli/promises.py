"""``promises check``: the state of every promise, for people and scripts."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from alko.cli.database import fail, with_database
from alko.policy import probes

group = AppGroup("promises", help="The promises of the privacy policy.")


@group.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@click.option(
    "--release",
    is_flag=True,
    help="Look at the code and its settings only, not at what is stored, late or old.",
)
@with_database
def check(as_json: bool, release: bool) -> None:
    """Probe every promise now; fails if one is broken."""
    report = probes.release_report() if release else probes.fresh_report()
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        for outcome in report.outcomes:
            click.echo(f"{outcome.promise.id:<4} {outcome.status:<8} {outcome.promise.text}")
    for promise, finding in report.alerts:
        click.echo(f"{promise}: {finding.plain}", err=True)
    if report.broken:
        broken = ", ".join(outcome.promise.id for outcome in report.broken)
        raise fail(f"broken promises: {broken}")
    if not as_json:
        counts = ", ".join(f"{count} {status}" for status, count in report.counts.items())
        click.echo(f"{len(report.outcomes)} promises: {counts}.")
