"""Every setting of the portal: read from the environment here and nowhere else.

Secure by default: without ``ALKO_ENV`` the portal believes it is in production, where a missing or
weak secret, plain HTTP or mail without TLS refuses to start and says which setting is at fault.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, time, timedelta, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent
NOT_PROVIDED = ""
"""An operator's fact that was not filled in; pages say so ("not yet provided")."""

MINIMUM_SECRET_LENGTH = 32
WEAK_SECRETS = ("demo", "changeme", "change-me", "secret", "password", "development", "test")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ConfigurationError(Exception):
    """The portal must not start like this. The message names every setting at fault."""


@dataclass(frozen=True)
class Controller:
    """Facts about the company which only the operator can give (policy, section 7)."""

    name: str = "ALKO Cars"
    address: str = NOT_PROVIDED
    data_protection_officer: str = NOT_PROVIDED
    legal_bases_confirmed_on: str = NOT_PROVIDED
    third_country_transfers: str = NOT_PROVIDED
    supervisory_authority: str = NOT_PROVIDED
    privacy_email: str = "contact@alkocars.com"


@dataclass(frozen=True)
class Settings:
    """All settings. Durations are timedeltas, sizes are bytes."""

    environment: str = "production"
    instance: Path = ROOT / "instance"
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 2
    base_url: str = "http://127.0.0.1:8000"
    secret_key: str = field(default="", repr=False)
    blind_index_key: str = field(default="", repr=False)
    mongodb_uri: str = field(default="", repr=False)
    mongodb_port: int | None = None
    database: str = "alko"
    key_vault_database: str = "alko_keys"
    key_cache: timedelta = timedelta(seconds=5)
    kms_providers: str = field(default="", repr=False)
    """JSON object for the driver's KMS providers; empty means a master key file."""
    kms_master_key: str = field(default="", repr=False)
    """JSON object naming the KMS master key; only with kms_providers."""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "ALKO Cars privacy team <contact@alkocars.com>"
    mail_authserv_id: str = ""
    """As whom our mail server signs Authentication-Results; empty: no sender is verified."""
    rate_limit_storage: str = field(default="", repr=False)
    trusted_proxies: int = 0
    cloudinary_url: str = field(default="", repr=False)
    cloudinary_upload_prefix: str = ""
    """Where Cloudinary's interface is, if not at its usual address: a region, or a test."""
    document_quota: int = 200 * 1024 * 1024
    """Bytes that one client's papers may take in all."""
    metrics_token: str = field(default="", repr=False)
    session_lifetime: timedelta = timedelta(hours=12)
    remember_lifetime: timedelta = timedelta(days=30)
    fresh_for: timedelta = timedelta(minutes=15)
    rate_sign_in: str = "20 per minute; 100 per hour"
    """Attempts per caller: sign-in, second factor, confirming the password."""
    rate_account: str = "30 per hour"
    """Wrong passwords for one account from one place: a network, or a device it knows."""
    rate_account_everywhere: str = "300 per hour"
    """Wrong passwords for one account from all places together."""
    rate_code: str = "10 per hour; 40 per day"
    """Wrong codes of the second factor for one account."""
    device_lifetime: timedelta = timedelta(days=180)
    """How long a device is known to an account after a sign-in."""
    rate_search: str = "20 per minute; 200 per hour"
    """Searches for a client that one member of staff may make, and verifications of the whole of
    their log that one client may."""
    tracking_poll: timedelta = timedelta(seconds=30)
    """How often an open page asks where the car is."""
    rate_hook: str = "300 per minute"
    """Reports per caller that a carrier may send, well signed or not."""
    carrier_secrets: str = field(default="", repr=False)
    """JSON object: for each carrier's name in addresses its secret, or a list of valid ones."""
    rate_mail: str = "5 per minute; 20 per hour"
    """Requests per caller that make the portal send a mail."""
    rate_recipient: str = "5 per hour; 15 per day"
    """Mails that anybody may have sent to one address: registration, forgotten password."""
    request_bytes: int = 64 * 1024 * 1024
    """The largest upload, files together; they are held in memory. Others: form_bytes."""
    form_bytes: int = 256 * 1024
    max_file_bytes: int = 15 * 1024 * 1024
    """One uploaded file; request_bytes must leave room for it and its form."""
    max_mail_bytes: int = 25 * 1024 * 1024
    """The largest mail that is taken apart; a larger one is kept whole for a person to read."""
    max_pixels: int = 70_000_000
    """One uploaded picture; memory to decode it grows along (docs/decisions/0008-inspection.md)."""
    clamd: str = ""
    """Where ClamAV listens: unix:/path or tcp://host:port. Empty means no virus scanner."""
    alert_dossiers: int = 40
    """More clients than this, opened by one member of staff within an hour, raise an alert."""
    alert_failures: int = 5
    """More failed sign-ins than this of one member of staff within an hour raise an alert."""
    working_hours: str = "07:00-20:00"
    """Access by staff at other times raises an alert; may go past midnight."""
    working_days: str = "mon,tue,wed,thu,fri"
    """On other days access by staff raises an alert at any time."""
    time_zone: str = "UTC"
    """Where the working hours are meant, for instance Europe/Bucharest."""
    worker_interval: timedelta = timedelta(seconds=2)
    backup_recipient: str = ""
    """The age public key (age1…) that backups are encrypted to; its identity is kept elsewhere."""
    backup_folder: Path | None = None
    """Where backups lie; None: in the instance folder."""
    backup_interval: timedelta = timedelta(hours=24)
    backup_keep: int = 14
    """How many backups are kept."""
    controller: Controller = field(default_factory=Controller)
    demo: bool = False

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def secure_cookies(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @property
    def mailbox(self) -> Path:
        """The folder that receives mail where no SMTP server is set (never in production)."""
        return self.instance / "mailbox"

    @property
    def backups(self) -> Path:
        """The folder of the backups, and of the copies of keys and register beside them."""
        return self.backup_folder or self.instance / "backups"

    @property
    def carriers(self) -> dict[str, tuple[str, ...]]:
        """The secrets that each carrier may sign with; several while one is being replaced."""
        named = json.loads(self.carrier_secrets) if self.carrier_secrets else {}
        return {
            str(name): (secrets,) if isinstance(secrets, str) else tuple(map(str, secrets))
            for name, secrets in named.items()
        }

    @property
    def working_times(self) -> tuple[time, time]:
        """Begin and end of the working hours."""
        begin, end = self.working_hours.split("-")
        return time.fromisoformat(begin), time.fromisoformat(end)

    @property
    def working_weekdays(self) -> frozenset[int]:
        """The working days; Monday is 0."""
        return frozenset(WEEKDAYS.index(day) for day in self.working_days.split(","))

    @property
    def zone(self) -> tzinfo:
        return _zone(self.time_zone)

    def problems(self) -> list[str]:
        """What forbids starting, one line each; empty when all is well."""
        if self.environment not in ("production", "development"):
            return [f"ALKO_ENV is {self.environment!r}; use 'production' or 'development'"]
        if not self.production:
            return []
        found = [
            problem
            for name, secret in (
                ("ALKO_SECRET_KEY", self.secret_key),
                ("ALKO_BLIND_INDEX_KEY", self.blind_index_key),
            )
            if (problem := _secret_problem(name, secret))
        ]
        if self.secret_key and self.secret_key == self.blind_index_key:
            found.append("ALKO_SECRET_KEY and ALKO_BLIND_INDEX_KEY are equal; use two secrets")
        if not self.secure_cookies:
            found.append("ALKO_BASE_URL must be the public https:// address")
        if not self.smtp_url:
            found.append("SMTP_URL is missing; mail cannot be sent")
        elif urlsplit(self.smtp_url).scheme not in ("smtps", "smtp+starttls"):
            found.append("SMTP_URL must use smtps:// or smtp+starttls://")
        if problem := _carriers_problem(self):
            found.append(problem)
        if self.cloudinary_url and (problem := _cloudinary_problem(self)):
            found.append(problem)
        if not (database_is_here(self.mongodb_uri) or database_uses_tls(self.mongodb_uri)):
            found.append("MONGODB_URI must use TLS (tls=true or mongodb+srv://)")
        if self.clamd.startswith("tcp:") and not _on_this_machine(self.clamd):
            found.append("ALKO_CLAMD must be on this machine (clamd has no TLS; use a tunnel)")
        if not re.fullmatch(r"age1[02-9a-z]{58}", self.backup_recipient, re.ASCII):
            found.append("ALKO_BACKUP_RECIPIENT must be an age public key (age1…)")
        if self.demo or (self.instance / "demo").exists():
            found.append(f"{self.instance} holds demo data; production needs its own ALKO_INSTANCE")
        return found

    def check(self) -> Settings:
        """Return these settings, or raise ConfigurationError naming all problems."""
        if problems := self.problems():
            raise ConfigurationError("cannot start: " + "; ".join(problems))
        return self

    def flask(self) -> dict[str, Any]:
        """The same settings in the words of Flask and its extensions."""
        cookie = {"SECURE": self.secure_cookies, "HTTPONLY": True, "SAMESITE": "Lax"}
        prefix = "__Host-" if self.secure_cookies else ""
        return {
            "SECRET_KEY": self.secret_key,
            "SESSION_COOKIE_NAME": f"{prefix}alko_session",
            "REMEMBER_COOKIE_NAME": f"{prefix}alko_remember",
            "DEVICE_COOKIE_NAME": f"{prefix}alko_device",
            **{f"SESSION_COOKIE_{name}": value for name, value in cookie.items()},
            **{f"REMEMBER_COOKIE_{name}": value for name, value in cookie.items()},
            "REMEMBER_COOKIE_DURATION": self.remember_lifetime,
            "PERMANENT_SESSION_LIFETIME": self.session_lifetime,
            "MAX_CONTENT_LENGTH": self.request_bytes,
            "MAX_FORM_MEMORY_SIZE": self.form_bytes,
            "WTF_CSRF_TIME_LIMIT": None,
            "RATELIMIT_STORAGE_URI": self.rate_limit_storage,
            "BABEL_DEFAULT_LOCALE": "en",
            "ALKO": self,
        }


def _carriers_problem(settings: Settings) -> str | None:
    try:
        carriers = settings.carriers
    except (ValueError, AttributeError, TypeError):
        return 'ALKO_CARRIER_SECRETS must be a JSON object like {"carrier": "secret"}'
    for secrets in carriers.values():
        for secret in secrets:
            if problem := _secret_problem("a secret in ALKO_CARRIER_SECRETS", secret):
                return problem
    return None


def _secret_problem(name: str, secret: str) -> str | None:
    if not secret:
        return f"{name} is missing"
    if len(secret) < MINIMUM_SECRET_LENGTH:
        return f"{name} is shorter than {MINIMUM_SECRET_LENGTH} characters"
    if any(weak in secret.lower() for weak in WEAK_SECRETS):
        return f"{name} looks like a demo secret"
    return None


def database_is_here(uri: str) -> bool:
    """Whether what is said to the database never leaves this machine; so with the embedded one."""
    hosts = uri.lower().partition("//")[2].rpartition("@")[2].partition("/")[0].split(",")
    return not uri or all(host.split(":")[0] in ("127.0.0.1", "localhost") for host in hosts)


def database_uses_tls(uri: str) -> bool:
    lowered = uri.lower()
    if "tls=false" in lowered or "ssl=false" in lowered:
        return False
    return lowered.startswith("mongodb+srv://") or "tls=true" in lowered or "ssl=true" in lowered


def _cloudinary_problem(settings: Settings) -> str | None:
    parts = urlsplit(settings.cloudinary_url)
    if parts.scheme != "cloudinary" or not (parts.hostname and parts.username and parts.password):
        return "CLOUDINARY_URL must be cloudinary://key:secret@cloud"
    named = parse_qs(parts.query).get("upload_prefix", [])
    prefixes = (settings.cloudinary_upload_prefix, *named)
    if any(prefix and urlsplit(prefix).scheme != "https" for prefix in prefixes):
        return "Cloudinary's upload prefix must use https://"
    return None


def _on_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost")


def _clamd(env: Mapping[str, str]) -> str:
    address = env.get("ALKO_CLAMD", "")
    if address and not re.fullmatch(r"unix:/.+|tcp://[\w.-]+:\d{1,5}", address, re.ASCII):
        raise ConfigurationError(
            f"cannot start: ALKO_CLAMD is {address!r}; use unix:/path or tcp://host:port"
        )
    return address


def _working_hours(env: Mapping[str, str]) -> str:
    hours = env.get("ALKO_WORKING_HOURS") or Settings.working_hours
    one = r"([01]\d|2[0-3]):[0-5]\d"
    if not re.fullmatch(f"{one}-{one}", hours, re.ASCII):
        raise ConfigurationError(
            f"cannot start: ALKO_WORKING_HOURS is {hours!r}; use for instance 07:00-20:00"
        )
    return hours


def _working_days(env: Mapping[str, str]) -> str:
    days = (env.get("ALKO_WORKING_DAYS") or Settings.working_days).lower().replace(" ", "")
    if not set(days.split(",")) <= set(WEEKDAYS):
        raise ConfigurationError(
            f"cannot start: ALKO_WORKING_DAYS is {days!r}; use for instance mon,tue,wed,thu,fri"
        )
    return days


def _zone(name: str) -> tzinfo:
    # UTC needs no data base of time zones, which a small system may lack.
    return UTC if name == "UTC" else ZoneInfo(name)


def _time_zone(env: Mapping[str, str]) -> str:
    name = env.get("ALKO_TIME_ZONE") or Settings.time_zone
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"cannot start: ALKO_TIME_ZONE is {name!r}; use for instance Europe/Bucharest"
        ) from None
    return name


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    raw = env.get(name, "")
    try:
        return int(raw) if raw else default
    except ValueError:
        raise ConfigurationError(f"cannot start: {name} is {raw!r}; it must be a number") from None


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read all settings from the environment (unchecked: see Settings.check)."""
    env = os.environ if env is None else env
    port = _number(env, "PORT", 8000)
    mongodb_port = _number(env, "ALKO_MONGODB_PORT", 0)
    return Settings(
        environment=env.get("ALKO_ENV", "production"),
        instance=Path(env.get("ALKO_INSTANCE") or ROOT / "instance").resolve(),
        host=env.get("HOST", "127.0.0.1"),
        port=port,
        web_workers=_number(env, "WEB_CONCURRENCY", 2),
        base_url=env.get("ALKO_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        secret_key=env.get("ALKO_SECRET_KEY", ""),
        blind_index_key=env.get("ALKO_BLIND_INDEX_KEY", ""),
        mongodb_uri=env.get("MONGODB_URI", ""),
        mongodb_port=mongodb_port or None,
        database=env.get("ALKO_DATABASE", "alko"),
        key_vault_database=env.get("ALKO_KEY_VAULT_DATABASE", "alko_keys"),
        kms_providers=env.get("ALKO_KMS_PROVIDERS", ""),
        kms_master_key=env.get("ALKO_KMS_MASTER_KEY", ""),
        smtp_url=env.get("SMTP_URL", ""),
        mail_from=env.get("ALKO_MAIL_FROM", Settings.mail_from),
        mail_authserv_id=env.get("ALKO_MAIL_AUTHSERV_ID", "").strip(),
        rate_limit_storage=env.get("ALKO_RATE_LIMIT_STORAGE", ""),
        trusted_proxies=_number(env, "ALKO_TRUSTED_PROXIES", 0),
        carrier_secrets=env.get("ALKO_CARRIER_SECRETS", ""),
        cloudinary_url=env.get("CLOUDINARY_URL", ""),
        cloudinary_upload_prefix=env.get("ALKO_CLOUDINARY_UPLOAD_PREFIX", ""),
        document_quota=_number(env, "ALKO_DOCUMENT_QUOTA", Settings.document_quota),
        metrics_token=env.get("ALKO_METRICS_TOKEN", ""),
        max_mail_bytes=_number(env, "ALKO_MAX_MAIL_BYTES", Settings.max_mail_bytes),
        max_file_bytes=_number(env, "ALKO_MAX_FILE_BYTES", Settings.max_file_bytes),
        max_pixels=_number(env, "ALKO_MAX_PIXELS", Settings.max_pixels),
        clamd=_clamd(env),
        backup_recipient=env.get("ALKO_BACKUP_RECIPIENT", "").strip(),
        backup_folder=Path(folder).resolve() if (folder := env.get("ALKO_BACKUP_FOLDER")) else None,
        backup_interval=timedelta(hours=max(1, _number(env, "ALKO_BACKUP_HOURS", 24))),
        backup_keep=max(1, _number(env, "ALKO_BACKUP_KEEP", Settings.backup_keep)),
        alert_dossiers=_number(env, "ALKO_ALERT_DOSSIERS", Settings.alert_dossiers),
        alert_failures=_number(env, "ALKO_ALERT_FAILURES", Settings.alert_failures),
        working_hours=_working_hours(env),
        working_days=_working_days(env),
        time_zone=_time_zone(env),
        controller=Controller(
            name=env.get("ALKO_CONTROLLER_NAME", Controller.name),
            address=env.get("ALKO_CONTROLLER_ADDRESS", NOT_PROVIDED),
            data_protection_officer=env.get("ALKO_DATA_PROTECTION_OFFICER", NOT_PROVIDED),
            legal_bases_confirmed_on=env.get("ALKO_LEGAL_BASES_CONFIRMED_ON", NOT_PROVIDED),
            third_country_transfers=env.get("ALKO_THIRD_COUNTRY_TRANSFERS", NOT_PROVIDED),
            supervisory_authority=env.get("ALKO_SUPERVISORY_AUTHORITY", NOT_PROVIDED),
            privacy_email=env.get("ALKO_PRIVACY_EMAIL", Controller.privacy_email),
        ),
        demo=env.get("ALKO_DEMO", "") == "1",
    )
