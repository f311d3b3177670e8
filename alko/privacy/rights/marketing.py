"""Marketing by mail: only who opted in, ended by one click without signing in (P23; RFC 8058)."""

from __future__ import annotations

from itertools import groupby, islice

from bson import ObjectId

from alko.models.client import Client, ClientStatus
from alko.models.consent import Consent
from alko.privacy.door.access import Actor
from alko.privacy.identity import accounts
from alko.privacy.identity.tokens import Links
from alko.privacy.rights import choices, suppression

USE = "unsubscribe"
OPTED_IN = {"choice": "marketing", "granted": True}


class MarketingRefused(Exception):
    """The client did not opt in, or the address unsubscribed. The message names nobody."""


def check(client: ObjectId, email_index: str) -> None:
    """Raise MarketingRefused unless this client wants marketing at the address of this index."""
    if not choices.granted(client, "marketing"):
        raise MarketingRefused("the client's last decision does not allow marketing")
    if suppression.covers(email_index):
        raise MarketingRefused("the address unsubscribed")


def check_client(client: ObjectId) -> None:
    """The same for the address of the client's account."""
    account = Client.raw().find_one({"_id": client}, {"email_index": 1})
    if account is None:
        raise MarketingRefused("there is no such account")
    check(client, account["email_index"])


def readers(after: ObjectId | None, limit: int) -> list[ObjectId]:
    """Clients who ever opted in, in the order of their numbers; whoever writes asks check()."""
    query = {**OPTED_IN, "client": {"$gt": after}} if after else OPTED_IN
    found = Consent.raw().find(query, {"client": 1}).sort("client", 1)
    return [client for client, _ in islice(groupby(one["client"] for one in found), limit)]


def count_readers() -> int:
    """How many clients ever opted in."""
    return len(Consent.raw().distinct("client", OPTED_IN))


def token(links: Links, client: ObjectId, email: str) -> str:
    """For the unsubscribe link in a mail to this address. It names no address, and never ages."""
    return links.make(USE, client, suppression.keyed(accounts.email_index(email)))


def unsubscribe(links: Links, unsubscribe_token: str) -> None:
    """End marketing to the address a mail went to, and to its client; LinkInvalid.

    A second time changes nothing. It also works once the account was erased, or uses another
    address: the address that got the mail is put on the list.
    """
    client, address_hash = links.read(USE, unsubscribe_token, None)
    suppression.add(address_hash)
    active = {"_id": client, "status": ClientStatus.ACTIVE.value}
    if Client.raw().find_one(active, {"_id": 1}) and choices.granted(client, "marketing"):
        choices.decide(client, Actor.client(client), "marketing", False, "unsubscribe_link")


def is_genuine(links: Links, unsubscribe_token: str) -> None:
    """Raise LinkInvalid for a token that was not made here; changes nothing."""
    links.read(USE, unsubscribe_token, None)
