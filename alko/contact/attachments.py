"""Files that come with mails: inspected like every upload, sealed into the vault, or only named.

Needs an application context (which vault is a setting). StoreUnavailable, LedgerUnavailable and
ConcurrentChange mean "try again later": the numbers of files follow from their mail, so that the
same mail again completes what is missing and doubles nothing.
"""

from __future__ import annotations

import dataclasses
import io
from contextlib import suppress
from typing import BinaryIO

from bson import ObjectId
from pymongo.client_session import ClientSession

from alko.contact.mime import File
from alko.database.records import ConcurrentChange
from alko.database.transactions import together
from alko.documents import intents
from alko.extensions import alko_settings
from alko.models.communication import Message
from alko.models.contact import Attachment, AttachmentDetails, AttachmentKind, Case
from alko.privacy.door.access import Actor
from alko.privacy.lifecycle import retention
from alko.privacy.sharing.recipients import NoAgreement
from alko.vault.access import vault_of
from alko.vault.inspection import Refused, inspect
from alko.vault.inspection.access import limits_of, scanner_of
from alko.vault.stores import StoreUnavailable

SOURCE_NAME = "mail.eml"


def keep_file(actor: Actor, case: Case, message: Message, number: ObjectId, file: File) -> None:
    """Store a file that passes inspection; of another one keep its name and why."""
    if _is_there(number):
        return
    settings = alko_settings()
    try:
        inspected = inspect(
            io.BytesIO(file.content), file.name, limits_of(settings), scanner_of(settings)
        )
    except Refused as refusal:
        if refusal.temporary:
            raise StoreUnavailable("the file cannot be inspected now") from None
        record = _record(case, message, number, AttachmentDetails(filename=file.name))
        record.refusal, record.size = refusal.code, len(file.content)
        _save(case, record)
        return
    details = AttachmentDetails(filename=inspected.filename, media_type=inspected.media_type)
    _store(actor, case, _record(case, message, number, details), details, inspected.content)


def keep_source(
    actor: Actor, case: Case, message: Message, number: ObjectId, source: BinaryIO
) -> None:
    """Store a whole mail as it came, unread and uninspected: it is shown as plain text only."""
    if _is_there(number):
        return
    details = AttachmentDetails(filename=SOURCE_NAME, media_type="message/rfc822")
    record = _record(case, message, number, details)
    record.kind = AttachmentKind.SOURCE.value
    _store(actor, case, record, details, source)


def any_refused(message: Message) -> bool:
    """Whether a file of the message is only named: what it was is in the mail's source alone."""
    refused = {"message": message.pk, "refusal": {"$type": "string"}}
    return Attachment.raw().find_one(refused, {"_id": 1}) is not None


def _is_there(number: ObjectId) -> bool:
    return Attachment.raw().find_one({"_id": number}, {"_id": 1}) is not None


def _store(
    actor: Actor, case: Case, record: Attachment, details: AttachmentDetails, content: BinaryIO
) -> None:
    vault = vault_of(alko_settings())
    try:
        intents.disclose(case.client, actor, "attachments")
    except NoAgreement:
        raise StoreUnavailable("no agreement binds the cloud storage at present") from None
    key = intents.begin(case.client, record.pk, actor, None, 0)
    try:
        stored = vault.add(content, key)
        record.vault_key, record.size = key, stored.size
        record.seal(
            dataclasses.replace(details, sha256=stored.sha256, vault_identity=stored.identity)
        )
        _save(case, record, key)
    except BaseException:
        # Where this fails as well, the worker does it.
        with suppress(Exception):
            intents.abandon(vault, key)
        raise
    intents.finish(vault, key)


def _record(
    case: Case, message: Message, number: ObjectId, details: AttachmentDetails
) -> Attachment:
    record: Attachment = Attachment.sealing(
        details,
        id=number,
        client=case.client,
        recorded_at=message.recorded_at,
        erase_after=retention.correspondence_ends(message.recorded_at),
        reference=case.reference,
        message=message.pk,
        kind=AttachmentKind.FILE.value,
    )
    return record


def _save(case: Case, record: Attachment, key: str | None = None) -> None:
    """Save the record unless the case has moved to another dossier, whose key it would need."""
    record.validate()

    def keep(session: ClientSession) -> None:
        still = {"_id": case.pk, "client": case.client, "joining": None}
        counted = Case.raw().update_one(still, {"$inc": {"revision": 1}}, session=session)
        if not counted.matched_count:
            raise ConcurrentChange("the case is being moved to another dossier")
        Attachment.raw().insert_one(record.to_mongo(), session=session)
        if key:
            intents.keep(key, session)

    together(keep)
