"""Factories of real stored records, made through the models: the seed and the tests share them.

Equal arguments, seed and ``now`` give equal plaintext. Dates of erasure come from the rules of
alko/privacy/lifecycle/retention.py, as they do for records that the portal itself makes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from alko.demo import people
from alko.demo.accounts import PASSWORD
from alko.demo.correspondence import CaseMaker
from alko.demo.maker import hashed, in_milliseconds
from alko.demo.sales import SaleMaker, closing
from alko.demo.traces import TraceMaker
from alko.models.client import Client, Credentials
from alko.models.document import Paper, PaperKind, PaperRecord, PaperStatus
from alko.models.profile import Contact, Identity
from alko.models.staff import StaffDetails, StaffMember, StaffRole
from alko.models.transaction import Order
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import retention

MEDIA_TYPES = {"jpg": "image/jpeg", "pdf": "application/pdf"}


@dataclass(frozen=True)
class Person:
    """A client that was made: the number of the account, and what is known of its owner."""

    id: ObjectId
    identity: Identity
    contact: Contact
    password: str


class Factory(SaleMaker, TraceMaker, CaseMaker):
    """Everything that can be stored about a person; see Maker for how chance and ids work."""

    def client(
        self,
        label: str = "client",
        *,
        password: str = PASSWORD,
        identity: Identity | None = None,
        contact: Contact | None = None,
        opened_at: datetime | None = None,
        last_active_at: datetime | None = None,
        totp_secret: str | None = None,
    ) -> Person:
        """An open account with its keys, contact and identity; left as it is where it exists."""
        number = self.new_id("account", label)
        someone = people.person(self.chance, str(number))
        identity, contact = identity or someone[0], contact or someone[1]
        opened_at = in_milliseconds(opened_at or self.now - timedelta(days=400))
        person = Person(number, identity, contact, password)
        if Client.raw().find_one({"_id": number}, {"_id": 1}) is None:
            credentials = Credentials(password_hash=hashed(password), totp_secret=totp_secret)
            accounts.open_account(number, credentials, contact, identity, opened_at=opened_at)
        if last_active_at:
            self.was_active(number, last_active_at)
        return person

    def was_active(self, client: ObjectId, at: datetime) -> None:
        """Note when the client was last seen; the account's end counts from it (P20)."""
        active = {"last_active_at": in_milliseconds(at)}
        Client.raw().update_one({"_id": client}, {"$set": active})

    def staff_member(
        self, role: StaffRole, email: str, full_name: str, totp_secret: str
    ) -> StaffMember:
        """Somebody who works at ALKO, with a key of their own."""
        number = self.new_id("staff", email)
        accounts.create_keys(number, ("staff",))
        return self.keep(
            StaffMember.sealing(
                StaffDetails(
                    full_name=full_name,
                    email=email,
                    password_hash=hashed(PASSWORD),
                    totp_secret=totp_secret,
                ),
                id=number,
                client=number,
                recorded_at=self.now,
                email_index=accounts.email_index(email),
                role=role.value,
            )
        )

    def paper(
        self,
        client: ObjectId,
        kind: PaperKind,
        content: bytes,
        filename: str,
        *,
        order: Order | None = None,
        delivered_at: datetime | None = None,
        received_at: datetime | None = None,
        status: PaperStatus = PaperStatus.ACCEPTED,
        rejection_reason: str = "",
    ) -> PaperRecord:
        """A file sealed into the vault, and its record; left as it is where it exists (P22)."""
        if self.vault is None:
            raise ValueError("papers need a vault: Factory(vault=vault_of(settings))")
        number = self.new_id("paper", client)
        if found := PaperRecord.objects(id=number).first():
            return found
        financial = kind is PaperKind.FINANCIAL
        ends = closing(order.closed_at if order and financial else None)
        if not financial:
            ends = {"erase_after": retention.documents_end(delivered_at)}
        stored = self.vault.add(io.BytesIO(content))
        try:
            return PaperRecord.sealing(
                Paper(
                    filename=filename,
                    media_type=MEDIA_TYPES[filename.rpartition(".")[2]],
                    sha256=stored.sha256,
                    vault_identity=stored.identity,
                    rejection_reason=rejection_reason,
                ),
                id=number,
                client=client,
                recorded_at=in_milliseconds(received_at or self.now),
                kind=kind.value,
                status=status.value,
                order=order and order.pk,
                size=stored.size,
                vault_key=stored.key,
                **ends,
            ).save()
        except BaseException:
            self.vault.remove(stored.key)
            raise
