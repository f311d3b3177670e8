"""References that people read to each other, for instance ``R-2026-7K3M9Q``."""

from __future__ import annotations

import secrets
from datetime import datetime

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that is mistaken for something else when read aloud."""
LENGTH = 6


def new(kind: str, now: datetime) -> str:
    """A reference by chance; that it is free is found out when it is stored."""
    return f"{kind}-{now.year}-" + "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
