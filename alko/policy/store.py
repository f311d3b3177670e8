"""The versions of the policy: each kept word for word, with its dates (promises P36, P37)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mongoengine import NotUniqueError

from alko.mail import campaigns
from alko.mail.kinds import MailKind
from alko.models.housekeeping import PolicyVersion
from alko.policy import text
from alko.privacy.identity import notices
from alko.privacy.lifecycle.retention import add_months
from alko.words import N_

FIRST_VERSION = "2024-01"
FIRST_DATE = datetime(2024, 1, 1, tzinfo=UTC)
FIRST_SUMMARY = N_("The policy in seven sections, as this portal puts it into effect.")
REVIEW_EVERY_MONTHS = 12
VERSION_PATTERN = re.compile(r"\d{4}-(0[1-9]|1[0-2])(\.[1-9])?")


class VersionExists(Exception):
    """A version of that name was published before; published texts never change."""


class Drifted(Exception):
    """The software says something else than the published text: a review alone is not enough."""


class NoSuchVersion(LookupError):
    """No version of that name was published."""


def ensure_first_version() -> None:
    """Store the first version unless it is there; every start does it, several at once may."""
    if exists(FIRST_VERSION):
        return
    try:
        _store(FIRST_VERSION, FIRST_SUMMARY, FIRST_DATE, FIRST_DATE, text.lines())
    except NotUniqueError:
        return  # another process was faster, with the same text


def current() -> PolicyVersion:
    """The newest version; NoSuchVersion before the first start has stored one."""
    found = PolicyVersion.objects.order_by("-version").first()
    if found is None:
        raise NoSuchVersion("no version of the policy was published")
    return found


def all_versions() -> list[PolicyVersion]:
    """All versions, newest first, with their texts."""
    return list(PolicyVersion.objects.order_by("-version"))


def version_and_previous(version: str) -> tuple[PolicyVersion, PolicyVersion | None]:
    """A version and the one before it, if there was one; NoSuchVersion for an unknown name."""
    found = list(PolicyVersion.objects(version__lte=version).order_by("-version").limit(2))
    if not found or found[0].version != version:
        raise NoSuchVersion(version)
    return found[0], found[1] if len(found) > 1 else None


def publish(
    version: str,
    summary: str,
    updated_on: datetime,
    reviewed_on: datetime,
    lines: list[str] | None = None,
    *,
    written: Mapping[str, str] = text.NOTHING,
    significant: bool = True,
) -> PolicyVersion:
    """Publish a version; its text is the code's with the ``written`` sections, unless ``lines``
    gives another.

    If it is significant and the newest, everybody whose account is older is told (P36). Raises
    VersionExists, and ValueError for a name that is not year and month ('2024-01', '2024-01.1').
    """
    if not VERSION_PATTERN.fullmatch(version):
        raise ValueError("a version is named by year and month, for instance 2024-01")
    newest = PolicyVersion.objects(version__gt=version).only("id").first() is None
    try:
        stored = _store(
            version,
            summary,
            updated_on,
            reviewed_on,
            lines or text.lines(written),
            written=dict(written),
            significant=significant,
            untold=significant and newest,
        )
    except NotUniqueError:
        raise VersionExists(version) from None
    tell_everybody()
    return stored


def tell_everybody() -> None:
    """Begin to tell of versions that nobody was told of yet: a notice on the site and a mail (P36).

    Publishing does it, and the worker in case that was interrupted; repeating changes nothing.
    """
    for version in PolicyVersion.objects(untold=True).order_by("version"):
        notices.announce()
        campaigns.begin(
            event_of(version.version),
            MailKind.POLICY_CHANGED,
            f"/privacy/versions/{version.version}",
            version.id.generation_time,
        )
        PolicyVersion.objects(id=version.id).update(set__untold=False)


def event_of(version: str) -> str:
    """What the mails about a version tell of, see alko.mail.campaigns."""
    return f"policy/{version}"


def note_review(on: datetime) -> PolicyVersion:
    """The version in force was reviewed on this day; its text stays (see review.py)."""
    reviewed = current()
    PolicyVersion.objects(id=reviewed.id).update(set__reviewed_on=on)
    reviewed.reviewed_on = on
    return reviewed


def free_name(now: datetime) -> str:
    """A name for the next version: this month's, or the next free one after the newest."""
    name = f"{now:%Y-%m}"
    newest = current().version
    if newest < name:
        return name
    month, _, number = newest.partition(".")
    return f"{month}.{int(number or 0) + 1}"


def exists(version: str) -> bool:
    return PolicyVersion.objects(version=version).only("id").first() is not None


def is_drifted() -> bool:
    """Whether the code's policy says something else than the version that was published."""
    return differs(current())


def differs(version: PolicyVersion) -> bool:
    """Whether the code's policy says something else than this version."""
    return bool(version.fingerprint != fingerprint(text.lines(version.written)))


def is_review_stale(now: datetime) -> bool:
    """Whether the last review lies more than 12 months before ``now`` (P37)."""
    return add_months(current().reviewed_on, REVIEW_EVERY_MONTHS) < now


def fingerprint(lines: list[str]) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _store(
    version: str,
    summary: str,
    updated_on: datetime,
    reviewed_on: datetime,
    lines: list[str],
    **more: Any,
) -> PolicyVersion:
    stored = PolicyVersion(
        version=version,
        updated_on=updated_on,
        reviewed_on=reviewed_on,
        summary=summary,
        lines=lines,
        fingerprint=fingerprint(lines),
        **more,
    )
    return stored.save(force_insert=True)
