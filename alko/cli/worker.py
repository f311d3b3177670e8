"""``worker``: what the portal does by itself, at its times, one worker at a time."""

from __future__ import annotations

import logging
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType

import click
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from flask.cli import with_appcontext

from alko.backups import copies, rotation, schedule
from alko.cli.database import with_database
from alko.documents import intents
from alko.mail import campaigns, delivery, erasures, inactivity, messages, outage, reminders
from alko.policy import review
from alko.policy import store as policy
from alko.privacy import leases
from alko.privacy.accountability import ledger, verification
from alko.privacy.correspondence import case_ends, case_joining
from alko.privacy.identity import team
from alko.privacy.lifecycle import decoys, erasure, expired_registrations, sweep
from alko.privacy.oversight import alerts, breaches
from alko.privacy.rights import decided_deletion, new_address, request_changes, restriction
from alko.privacy.sharing import telling
from alko.sales import cancelling, papers, placing
from alko.sales import operations as orders
from alko.vault.access import vault_of
from config import Settings

logger = logging.getLogger("alko.worker")


@dataclass(frozen=True)
class ScheduledJob:
    """``work`` runs every ``every``; ``lease`` is how long a crashed worker blocks the next."""

    name: str
    every: timedelta
    lease: timedelta
    work: Callable[[], object]


@click.command("worker")
@with_appcontext
@with_database
def worker() -> None:
    """Do what the portal does by itself, until SIGTERM or Ctrl-C.

    Mail, reminders and news, erasure and retention, what follows from orders, papers and cases,
    the ledger's verification, alerts, backups, a new master key.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    # The scheduler works in the background and this thread only waits for a signal: shutting a
    # BlockingScheduler down out of a signal handler would wait for its jobs inside the handler.
    scheduler = BackgroundScheduler(timezone=UTC)
    for job in jobs(app.config["ALKO"], stop.is_set):
        scheduler.add_job(
            run,
            "interval",
            (app, job),
            id=job.name,
            seconds=job.every.total_seconds(),
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.start()
    click.echo("The worker is at work.")
    stop.wait()
    scheduler.shutdown(wait=True)
    click.echo("The worker has ended.")


def jobs(settings: Settings, stopping: Callable[[], bool]) -> list[ScheduledJob]:
    """All that is scheduled; ``stopping`` ends a long job early."""
    return [
        ScheduledJob(
            "mail",
            settings.worker_interval,
            # Short, because a crash must not hold up mail: each mail has a lease of its own, so
            # that two senders at once do no harm.
            timedelta(seconds=15),
            lambda: send_mails(settings, stopping),
        ),
        ScheduledJob(
            "deliveries",
            timedelta(minutes=1),
            timedelta(minutes=5),
            orders.follow_up_all,
        ),
        ScheduledJob("placed-orders", timedelta(minutes=1), timedelta(minutes=5), placing.tell_all),
        ScheduledJob(
            "cancellations", timedelta(minutes=1), timedelta(minutes=5), cancelling.finish_all
        ),
        ScheduledJob("papers", timedelta(minutes=1), timedelta(minutes=5), papers.tell_all),
        ScheduledJob("policy", timedelta(minutes=1), timedelta(minutes=1), look_after_policy),
        ScheduledJob(
            "verification",
            timedelta(seconds=5),
            timedelta(minutes=1),
            lambda: verification.advance(stopping),
        ),
        ScheduledJob("breaches", timedelta(minutes=1), timedelta(minutes=5), breaches.tell_due),
        ScheduledJob(
            "alerts",
            timedelta(minutes=1),
            timedelta(minutes=5),
            lambda: alerts.look(alerts.rules_of(settings), datetime.now(UTC), stopping),
        ),
        ScheduledJob(
            "reminders",
            timedelta(minutes=15),
            timedelta(minutes=10),
            lambda: reminders.remind(datetime.now(UTC)),
        ),
        ScheduledJob(
            "digest",
            timedelta(minutes=15),
            timedelta(minutes=10),
            lambda: reminders.digest(settings, datetime.now(UTC)),
        ),
        ScheduledJob(
            "campaigns",
            timedelta(seconds=5),
            # Two at once would write nothing twice.
            timedelta(minutes=1),
            lambda: campaigns.advance(stopping),
        ),
        ScheduledJob(
            "cases", timedelta(minutes=1), timedelta(minutes=5), case_joining.complete_all
        ),
        ScheduledJob(
            "answered cases",
            timedelta(hours=1),
            timedelta(minutes=10),
            lambda: case_ends.close_answered(datetime.now(UTC)),
        ),
        ScheduledJob(
            "ledger checkpoints",
            timedelta(hours=1),
            timedelta(minutes=30),
            lambda: verify_ledger(stopping),
        ),
        ScheduledJob(
            "expired registrations",
            timedelta(minutes=15),
            timedelta(minutes=10),
            expired_registrations.remove,
        ),
        ScheduledJob(
            "decoys",
            timedelta(hours=6),
            timedelta(minutes=10),
            lambda: decoys.shorten(datetime.now(UTC)),
        ),
        ScheduledJob(
            "unconfirmed addresses",
            timedelta(minutes=15),
            timedelta(minutes=10),
            lambda: new_address.forget_unconfirmed(datetime.now(UTC)),
        ),
        ScheduledJob(
            "erasures",
            timedelta(seconds=10),
            timedelta(minutes=10),
            lambda: run_erasures(settings),
        ),
        ScheduledJob(
            "approved deletions",
            timedelta(minutes=5),
            timedelta(minutes=5),
            decided_deletion.complete_all,
        ),
        ScheduledJob(
            "retention",
            timedelta(hours=1),
            timedelta(hours=1),
            lambda: sweep.sweep(datetime.now(UTC), vault_of(settings).remove),
        ),
        ScheduledJob(
            "backups",
            timedelta(minutes=15),
            timedelta(hours=1),
            lambda: schedule.create_if_due(settings),
        ),
        ScheduledJob(
            rotation.JOB,
            timedelta(hours=12),  # receipts say "within a day", also where one try fails
            rotation.LEASE,
            lambda: rotation.rotate_if_due(settings),
        ),
        ScheduledJob(
            "restrictions",
            timedelta(hours=1),
            timedelta(minutes=10),
            lambda: restriction.lift_due(datetime.now(UTC)),
        ),
        ScheduledJob(
            "request news", timedelta(minutes=1), timedelta(minutes=5), request_changes.tell_all
        ),
        ScheduledJob(
            "recipient notices", timedelta(minutes=1), timedelta(minutes=5), telling.send_due
        ),
        ScheduledJob(
            "former staff",
            timedelta(hours=6),
            timedelta(minutes=10),
            lambda: team.remove_left(datetime.now(UTC)),
        ),
        ScheduledJob(
            "inactivity", timedelta(hours=6), timedelta(minutes=30), inactivity.look_after
        ),
        ScheduledJob(
            "uploads",
            timedelta(minutes=5),
            timedelta(minutes=4),
            lambda: intents.reconcile(settings, datetime.now(UTC)),
        ),
    ]


def run(app: Flask, job: ScheduledJob) -> None:
    """Run a job under its lease. Whatever goes wrong, the next time is another try."""
    try:
        with app.app_context(), leases.held(job.name, job.lease.total_seconds()) as mine:
            if mine:
                job.work()
    except Exception as error:  # the database may be away for a while: that ends no worker
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        # The message stays out of the log, for it may quote personal data.
        logger.error("%s: %s at %s:%s", job.name, kind, place.filename, place.lineno)


def send_mails(settings: Settings, stopping: Callable[[], bool]) -> None:
    """Unless the mail server was found away a moment ago."""
    away = outage.current()
    if away is None or away.ask_at <= datetime.now(UTC):
        delivery.flush(settings, messages.render, stopping=stopping)


def run_erasures(settings: Settings) -> None:
    """The register's copy names an erasure before it begins; the keys' copy is replaced after."""
    if erasure.due(datetime.now(UTC)):
        copies.replace_register(settings)
    erasures.run_due(vault_of(settings).remove, lambda: schedule.replace_copies_if_due(settings))


def look_after_policy() -> None:
    """Tell of a version nobody was told of yet, and raise an alert where a review is due."""
    policy.tell_everybody()
    review.watch(datetime.now(UTC))


def verify_ledger(stopping: Callable[[], bool]) -> int:
    """Move each chain's checkpoint on; returns how many chains are broken (P17)."""
    broken = 0
    for client in ledger.clients():
        if stopping():
            break
        broken += not alerts.verify(client, full=False).verified
    if broken:
        logger.critical("%s chains of the ledger are broken: run 'ledger verify'", broken)
    return broken
