"""Who is signed in: the cookie names a sign-in record, so that ending it works at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from flask import Flask, Response, g
from flask_login import UserMixin

from alko.extensions import login
from alko.privacy.door.access import Actor
from alko.privacy.identity import sign_ins
from alko.web.access import to_sign_in


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The signed-in client of this request: ids and flags, no personal data."""

    token: str
    sign_in: ObjectId
    client: ObjectId
    analytics: bool
    policy_unread: bool
    erasure_at: datetime | None = None

    def get_id(self) -> str:
        return self.token

    @property
    def actor(self) -> Actor:
        return Actor.client(self.client)


def init_app(app: Flask) -> None:
    login.init_app(app)
    # Each sign-in is a record of its own which the client can end; tying it to an address would
    # only sign out people who change networks.
    login.session_protection = None
    login.user_loader(load)
    login.unauthorized_handler(refused)


def load(token: str) -> SignedIn | None:
    """The sign-in of that token, if it is open: one read."""
    if g.get("database_away"):  # set by errors.py, whose page has the frame of every page
        return None
    found = sign_ins.find_open(token)
    if found is None:
        return None
    return SignedIn(
        token, found.id, found.client, found.analytics, found.policy_unread, found.erasure_at
    )


def refused() -> Response:
    return to_sign_in()
