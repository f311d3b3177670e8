"""Probes that need the pages, the mail or the published policy; and the report for the public."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

from flask import current_app

from alko.backups import schedule
from alko.extensions import alko_settings
from alko.mail.kinds import MAILS
from alko.policy import store
from alko.policy.cookie_list import cookies
from alko.privacy import promises
from alko.privacy.promises import Finding, Holds, Probes, Report, together
from alko.privacy.promises import probes as heart
from alko.web.access import declared
from alko.web.security import CONTENT_SECURITY_POLICY
from alko.words import N_

KEPT_SECONDS = 60
"""How long a report is shown again: a public page must not be a way to load the database."""
OWN_SOURCES = {"'self'", "'none'"}

_lock = threading.Lock()
_kept: dict[str, tuple[float, Report]] = {}
_computing: dict[str, Future[Report]] = {}


def report() -> Report:
    """The state of all promises, at most a minute old; computed once per process at a time.

    Meanwhile the others are shown the last one. Where there is none they get what the one who
    computes gets, ConnectionFailure as well: nobody waits for one failure after the other.
    """
    key = alko_settings().database
    with _lock:
        made, known = _kept.get(key, (0.0, None))
        if known is not None and time.monotonic() - made <= KEPT_SECONDS:
            return known
        theirs = _computing.get(key)
        if theirs is None:
            mine = _computing[key] = Future[Report]()
    if theirs is not None:
        return known or theirs.result()
    try:
        found = fresh_report()
        with _lock:
            _kept[key] = (time.monotonic(), found)
        mine.set_result(found)
        return found
    except BaseException as error:
        mine.set_exception(error)
        raise
    finally:
        with _lock:
            del _computing[key]


def fresh_report() -> Report:
    """The state of all promises now."""
    return promises.check(PROBES)


def release_report() -> Report:
    """The state of all promises as far as the code and its settings decide it."""
    return promises.check(OF_DESIGN)


def forget() -> None:
    """The next report is a fresh one."""
    with _lock:
        _kept.clear()


def published_cookies_are_the_configured() -> Finding:
    config = current_app.config
    names = {cookie.name for cookie in cookies(alko_settings())}
    fine = names == {
        value for setting, value in config.items() if setting.endswith("_COOKIE_NAME") and value
    }
    listed = {"names": ", ".join(sorted(names))}
    return Finding(Holds.YES if fine else Holds.NO, N_("Published cookies: %(names)s."), listed)


def service_mail_has_no_switch() -> Finding:
    marketing = [kind.value for kind, mail in MAILS.items() if mail.marketing]
    values = {"count": len(MAILS), "marketing": len(marketing)}
    text = N_("%(count)d kinds of mail exist, %(marketing)d of them marketing.")
    return Finding(Holds.YES, text, values)


def pages_load_nothing_from_elsewhere() -> Finding:
    loose = [
        name
        for name, sources in CONTENT_SECURITY_POLICY.items()
        if not set(sources.split()) <= OWN_SOURCES
    ]
    if loose:
        return Finding(
            Holds.NO, N_("Other hosts are allowed in: %(names)s."), {"names": ", ".join(loose)}
        )
    return Finding(Holds.YES, N_("Browsers are told to load nothing from another host."))


def every_route_declares_access() -> Finding:
    endpoints = {rule.endpoint for rule in current_app.url_map.iter_rules()}
    undeclared = sorted(endpoint for endpoint in endpoints if declared(endpoint) is None)
    if undeclared:
        values = {"names": ", ".join(undeclared)}
        return Finding(Holds.NO, N_("Without a declared access: %(names)s."), values)
    text = N_("All %(count)d views declare who may open them.")
    return Finding(Holds.YES, text, {"count": len(endpoints)})


def clear_transport_is_refused() -> Finding:
    settings = alko_settings()
    clear = dataclasses.replace(
        settings,
        environment="production",
        base_url="http://portal.example",
        mongodb_uri="mongodb://database.example/",
        smtp_url="smtp://mail.example",
    )
    said = " ".join(clear.problems())
    if not all(name in said for name in ("ALKO_BASE_URL", "MONGODB_URI", "SMTP_URL")):
        return Finding(Holds.NO, N_("Production would start without TLS."))
    return Finding(Holds.YES, N_("Production refuses to start without TLS."))


def this_portal_uses_https() -> Finding:
    if alko_settings().secure_cookies:
        return Finding(Holds.YES, N_("This portal is served over HTTPS."))
    text = N_("This portal runs for development, over plain HTTP on its own machine.")
    return Finding(Holds.NOT_HERE, text)


def published_text_is_current() -> Finding:
    current = store.current()
    values = {"version": current.version}
    if store.differs(current):
        text = N_("The software's policy differs from the published version %(version)s.")
        return Finding(Holds.NO, text, values)
    return Finding(Holds.YES, N_("The policy shown is version %(version)s, word for word."), values)


def review_is_recent() -> Finding:
    if store.is_review_stale(datetime.now(UTC)):
        text = N_("Alert: the last review is more than 12 months old. A review is due.")
        return Finding(Holds.NOT_HERE, text)
    return Finding(Holds.YES, N_("The last review is less than 12 months old."))


def backups_are_made() -> Finding:
    last, every = schedule.last_success(), alko_settings().backup_interval
    if last is None:
        return Finding(Holds.NOT_HERE, N_("No backup was made here yet."))
    values = {"when": f"{last:%Y-%m-%d %H:%M} UTC", "hours": every // timedelta(hours=1)}
    if datetime.now(UTC) - last > 2 * every:
        text = N_("The last backup was finished on %(when)s; every %(hours)d hours is the rule.")
        return Finding(Holds.NO, text, values)
    return Finding(Holds.YES, N_("The last backup was finished on %(when)s."), values)


def master_key_changes() -> Finding:
    if alko_settings().kms_providers:
        text = N_("The master key is in a key management service: it changes only by hand.")
        return Finding(Holds.NOT_HERE, text)
    text = N_("The master key is a file, which changes within a day of an erasure.")
    return Finding(Holds.YES, text)


OF_DESIGN: Probes = together(
    heart.OF_DESIGN,
    {
        "P5": (published_cookies_are_the_configured,),
        "P7": (service_mail_has_no_switch,),
        "P8": (pages_load_nothing_from_elsewhere,),
        "P12": (every_route_declares_access,),
        "P14": (clear_transport_is_refused, this_portal_uses_https),
        "P25": (master_key_changes,),
    },
)
"""They look at the code and at how it is set up: what a release could break."""
PROBES: Probes = together(
    OF_DESIGN,
    heart.OF_USE,
    {"P18": (backups_are_made,), "P37": (published_text_is_current, review_is_recent)},
)
