"""How many of what, never of whom: counts for the operator's monitoring. No value is opened."""

from __future__ import annotations

import alko.models as models
from alko.models.client import Client, ClientStatus
from alko.models.communication import Mail, MailStatus
from alko.models.contact import Intake, IntakeCount
from alko.models.technical import SignIn, SignInState


def records() -> dict[str, int]:
    """Stored records by collection, as the database estimates them without counting."""
    return {
        str(model._get_collection_name()): model._get_collection().estimated_document_count()
        for model in models.ALL
    }


def accounts() -> int:
    """Accounts of people (the decoy is nobody's)."""
    return int(Client.raw().count_documents({"status": {"$ne": ClientStatus.DECOY.value}}))


def open_sign_ins() -> int:
    return int(SignIn.raw().count_documents({"state": SignInState.OPEN.value}))


def intake() -> dict[str, int]:
    """Mails that were piped in, by what became of them."""
    found = {one.outcome: int(one.count) for one in IntakeCount.objects}
    return {outcome.value: found.get(outcome.value, 0) for outcome in Intake}


def mails() -> dict[str, int]:
    """Mails by state."""
    return {s.value: Mail.raw().count_documents({"status": s.value}) for s in MailStatus}
