"""What a carrier reports: one milestone of one shipment, as JSON that is checked by a schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from jsonschema import Draft202012Validator

from alko.models.transaction import DeliveryEvent
from alko.privacy import deliveries
from alko.privacy.deliveries import Milestone

AHEAD = timedelta(days=1)
"""How far a report may be in the future: clocks and time zones differ."""
EARLIEST = date(2000, 1, 1)
FARTHEST = timedelta(days=3 * 366)
PLAIN = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]*$"
REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "News of a shipment",
    "type": "object",
    "additionalProperties": False,
    "required": ["shipment", "event", "milestone", "at", "done", "reported_at"],
    "properties": {
        "shipment": {"type": "string", "pattern": REFERENCE},
        "event": {"type": "string", "pattern": REFERENCE},
        "milestone": {"enum": [milestone.value for milestone in Milestone]},
        "place": {"type": "string", "maxLength": 120, "pattern": PLAIN},
        "at": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "done": {"type": "boolean"},
        "reported_at": {"type": "string", "maxLength": 40},
        "delay_reason": {"type": "string", "maxLength": 200, "pattern": PLAIN},
    },
}
_validator = Draft202012Validator(SCHEMA)


class Malformed(ValueError):
    """The report is not as it must be. The message names the place, and quotes nothing."""


@dataclass(frozen=True)
class Report:
    shipment: str
    event: DeliveryEvent


def read(body: bytes, now: datetime) -> Report:
    """The report in the body of a message; raises Malformed."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if error := next(_validator.iter_errors(found), None):
        place = "/".join(str(part) for part in error.absolute_path) or "the object"
        raise Malformed(f"{place}: does not satisfy {error.validator}")
    reported_at = _moment(found["reported_at"])
    if reported_at > now + AHEAD:
        raise Malformed("reported_at: lies in the future")
    at = _day(found["at"])
    latest = now.date() + (AHEAD if found["done"] else FARTHEST)
    if not EARLIEST <= at <= latest:
        raise Malformed("at: lies too far away")
    return Report(
        found["shipment"],
        DeliveryEvent(
            milestone=found["milestone"],
            place=found.get("place", "").strip(),
            at=found["at"],
            done=found["done"],
            id=found["event"],
            reported_at=deliveries.reported(reported_at),
            reason=found.get("delay_reason", "").strip(),
        ),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        deliveries.reported(moment)
    except (ValueError, OverflowError):
        raise Malformed("reported_at: is no moment with its offset from UTC") from None
    return moment


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed("at: is no day") from None
