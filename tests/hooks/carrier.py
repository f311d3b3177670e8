"""A carrier's system: it signs its reports by the published specification, with code of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

SECRET = "kq8T" * 11


def report(shipment: str, event: str, milestone: str, **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "shipment": shipment,
        "event": event,
        "milestone": milestone,
        "place": "Bremerhaven",
        "at": now.date().isoformat(),
        "done": True,
        "reported_at": now.isoformat(),
        **changes,
    }


def signed(
    content: Any,
    *,
    secret: str = SECRET,
    message: str | None = None,
    age: timedelta = timedelta(),
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a report."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    if message is None:
        message = str(content["event"])
    timestamp = str(int(time.time() - age.total_seconds()))
    to_sign = b".".join([message.encode(), timestamp.encode(), body])
    digest = hmac.digest(secret.encode(), to_sign, hashlib.sha256)
    return body, {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
