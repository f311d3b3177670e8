"""``promises check``: the state of every promise, for people and scripts."""

from __future__ import annotations

from flask.cli import AppGroup

group = AppGroup("promises", help="The promises of the privacy policy.")
