"""The settings in words: what is in use, what is missing. A secret is at most said to be there."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from urllib.parse import urlsplit

from alko.database import connection
from alko.words import N_
from config import Controller, Settings, database_is_here, database_uses_tls


@dataclass(frozen=True)
class Line:
    """One setting. Label and words are texts to translate; a value is shown as it is."""

    label: str
    words: str = ""
    value: str = ""
    good: bool = True
    """False for what an operator has to look after before clients use the portal."""


def controller(facts: Controller) -> list[tuple[Line, str]]:
    """The facts that only the operator knows, each with the variable that sets it."""
    named = (
        (N_("Controller"), facts.name, "ALKO_CONTROLLER_NAME"),
        (N_("Controller's address"), facts.address, "ALKO_CONTROLLER_ADDRESS"),
        (N_("Email address of the privacy team"), facts.privacy_email, "ALKO_PRIVACY_EMAIL"),
        (
            N_("Data-protection officer"),
            facts.data_protection_officer,
            "ALKO_DATA_PROTECTION_OFFICER",
        ),
        (
            N_("Legal bases confirmed on"),
            facts.legal_bases_confirmed_on,
            "ALKO_LEGAL_BASES_CONFIRMED_ON",
        ),
        (
            N_("Transfers to third countries"),
            facts.third_country_transfers,
            "ALKO_THIRD_COUNTRY_TRANSFERS",
        ),
        (N_("Supervisory authority"), facts.supervisory_authority, "ALKO_SUPERVISORY_AUTHORITY"),
    )
    return [(_given(label, value), variable) for label, value, variable in named]


def in_use(settings: Settings) -> list[Line]:
    """What the portal stores things in and sends things with."""
    return [
        _environment(settings),
        _database(settings),
        _master_keys(settings),
        _documents(settings),
        _scanner(settings),
        _mail(settings),
        _backups(settings),
        Line(
            N_("Carriers whose reports are taken"),
            words="" if settings.carriers else N_("None: staff enter news of deliveries"),
            value=", ".join(sorted(settings.carriers)),
        ),
    ]


def limits(settings: Settings) -> list[Line]:
    """Times and amounts."""
    return [
        Line(N_("A client stays signed in for"), value=_span(settings.session_lifetime)),
        Line(N_("On a remembered device for"), value=_span(settings.remember_lifetime)),
        Line(N_("A confirmed password counts for"), value=_span(settings.fresh_for)),
        Line(N_("Attempts to sign in"), value=settings.rate_sign_in),
        Line(N_("Searches of one member of staff"), value=settings.rate_search),
        Line(N_("Largest uploaded file"), value=_megabytes(settings.max_file_bytes)),
        Line(N_("Papers of one client, together"), value=_megabytes(settings.document_quota)),
    ]


def versions() -> list[Line]:
    """What it all runs on."""
    server = str(connection.current().client.server_info()["version"])
    packages = ("flask", "pymongo", "pyrage", "cloudinary")
    return [
        Line("MongoDB", value=server),
        Line("Python", value=platform.python_version()),
        *(Line(name, value=version(name)) for name in packages),
    ]


def _given(label: str, value: str) -> Line:
    return Line(label, value=value, words="" if value else N_("Not yet provided"), good=bool(value))


def _environment(settings: Settings) -> Line:
    words = N_("Production") if settings.production else N_("Development: not for real clients")
    return Line(N_("Runs as"), words, settings.base_url, settings.production)


def _database(settings: Settings) -> Line:
    if database_is_here(settings.mongodb_uri):
        return Line(N_("Database"), N_("On this machine"), settings.database)
    over_tls = database_uses_tls(settings.mongodb_uri)
    words = N_("Over TLS") if over_tls else N_("Elsewhere, without TLS")
    return Line(N_("Database"), words, settings.database, over_tls)


def _master_keys(settings: Settings) -> Line:
    if not settings.kms_providers:
        return Line(N_("Master keys"), N_("Files in the instance folder"))
    return Line(
        N_("Master keys"),
        N_("In a key management service"),
        ", ".join(sorted(json.loads(settings.kms_providers))),
    )


def _documents(settings: Settings) -> Line:
    if not settings.cloudinary_url:
        return Line(N_("Uploaded papers"), N_("Sealed, in the instance folder"))
    cloud = urlsplit(settings.cloudinary_url).hostname or ""
    return Line(N_("Uploaded papers"), N_("Sealed, at Cloudinary"), cloud)


def _scanner(settings: Settings) -> Line:
    if settings.clamd:
        return Line(N_("Virus scanner"), N_("ClamAV"), settings.clamd)
    return Line(N_("Virus scanner"), N_("None: files are inspected, not scanned"), good=False)


def _mail(settings: Settings) -> Line:
    if not settings.smtp_url:
        return Line(N_("Mail"), N_("Into a folder: nothing leaves this machine"), good=False)
    parts = urlsplit(settings.smtp_url)
    over_tls = parts.scheme in ("smtps", "smtp+starttls")
    words = N_("By SMTP over TLS") if over_tls else N_("By SMTP without TLS")
    return Line(N_("Mail"), words, parts.hostname or "", over_tls)


def _backups(settings: Settings) -> Line:
    every = _span(settings.backup_interval)
    if settings.backup_recipient:
        return Line(N_("Backups"), N_("Encrypted to a key kept elsewhere"), every)
    words = N_("Encrypted to the trial key, which lies in the instance folder")
    return Line(N_("Backups"), words, every, good=False)


def _span(duration: timedelta) -> str:
    hours, rest = divmod(int(duration.total_seconds()), 3600)
    if hours >= 48 and hours % 24 == 0:
        return f"{hours // 24} d"
    return f"{hours} h" if hours else f"{rest // 60} min"


def _megabytes(count: int) -> str:
    return f"{count // (1024 * 1024)} MB"
