"""Factories of cases, and of the files that came with mails."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from typing import Any

from bson import ObjectId

from alko.demo.maker import Maker, in_milliseconds
from alko.models.contact import (
    Attachment,
    AttachmentDetails,
    AttachmentKind,
    Case,
    CaseChannel,
    CaseDetails,
    CaseKind,
    CaseState,
)
from alko.models.request import DataRequest
from alko.privacy.correspondence import cases
from alko.privacy.identity import accounts
from alko.privacy.lifecycle import retention
from alko.privacy.references import LENGTH, SIGNS
from alko.privacy.rights import deadlines
from alko.privacy.rights.catalogue import Right


class CaseMaker(Maker):
    """What people wrote to ALKO."""

    def correspondent(self, label: str = "stranger") -> ObjectId:
        """The number of a stranger's case to be made, with keys."""
        number = self.new_id("case", label)
        accounts.create_keys(number, cases.KEY_CLASSES)
        return number

    def case(
        self,
        details: CaseDetails,
        *,
        client: ObjectId | None = None,
        number: ObjectId | None = None,
        kind: CaseKind = CaseKind.GENERAL,
        channel: CaseChannel = CaseChannel.FORM,
        state: CaseState = CaseState.OPEN,
        received_at: datetime | None = None,
        urgent: bool = False,
        confirmed: bool = True,
        closed_at: datetime | None = None,
        counted_from: datetime | None = None,
        suggested: Right | None = None,
        request: DataRequest | None = None,
        unreadable: bool = False,
        assigned_to: ObjectId | None = None,
    ) -> Case:
        """A case of a client, or of the correspondent whose ``number`` was made before."""
        number = number or (self.new_id("case", client) if client else self.correspondent())
        at = in_milliseconds(received_at or self.now)
        closed_at = closed_at and in_milliseconds(closed_at)
        digest = hashlib.sha256(number.binary).digest()
        signs = "".join(SIGNS[byte % len(SIGNS)] for byte in digest[:LENGTH])
        optional: dict[str, Any] = {
            "request": request.pk if request else None,
            "right": request.right if request else None,
            "suggested_right": suggested and suggested.value,
        }
        return self.keep(
            Case.sealing(
                details,
                id=number,
                client=client or number,
                recorded_at=at,
                reference=f"C-{at.year}-{signs}",
                kind=kind.value,
                urgent=urgent,
                state=state.value,
                channel=channel.value,
                due_at=deadlines.deadline(counted_from or at).due_at,
                counted_from=counted_from,
                acknowledged_at=at if details.email else None,
                waiting_since=at if state is CaseState.WAITING else None,
                target_at=at + cases.URGENT_TARGET if urgent else None,
                confirmed_at=at if confirmed else None,
                closed_at=closed_at,
                erase_after=retention.case_ends(closed_at) if closed_at else None,
                unreadable=unreadable,
                assigned_to=assigned_to,
                email_index=accounts.index_of_email(details.email),
                token_hash=cases.token_hash(details.token) if details.token else None,
                **optional,
            )
        )

    def attachment(
        self,
        case: Case,
        message: ObjectId,
        filename: str,
        content: bytes = b"",
        *,
        media_type: str = "application/pdf",
        kind: AttachmentKind = AttachmentKind.FILE,
        refusal: str | None = None,
    ) -> Attachment:
        """A file sealed into the vault; with a ``refusal`` its name alone."""
        number = self.new_id("attachment", case.client)
        if found := Attachment.objects(id=number).first():
            return found
        details, place = AttachmentDetails(filename=filename), {}
        if not refusal:
            if self.vault is None:
                raise ValueError("files need a vault: Factory(vault=vault_of(settings))")
            stored = self.vault.add(io.BytesIO(content))
            place = {"vault_key": stored.key}
            details = AttachmentDetails(
                filename=filename,
                media_type=media_type,
                sha256=stored.sha256,
                vault_identity=stored.identity,
            )
        return Attachment.sealing(
            details,
            id=number,
            client=case.client,
            recorded_at=case.recorded_at,
            erase_after=retention.correspondence_ends(case.recorded_at),
            reference=case.reference,
            message=message,
            kind=kind.value,
            refusal=refusal,
            size=len(content),
            **place,
        ).save()
