"""What changes an account. The actor's right to do it was checked by the one who calls."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from alko.account.decoy import DECOY
from alko.database.keyring import KeyDestroyed
from alko.database.records import retried
from alko.mail import outbox
from alko.mail.kinds import MailKind
from alko.mail.service import notify
from alko.models.client import Client, ClientStatus, Credentials, Registration, RegistrationDetails
from alko.models.profile import Contact, ContactRecord
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import Dossier, NoSuchRecord
from alko.privacy.identity import accounts, passwords, second_factor, sign_ins, tokens
from alko.privacy.identity.tokens import LinkInvalid, Links
from alko.privacy.lifecycle import retention
from alko.privacy.vocabulary import Purpose


def register(links: Links, email: str, password: str) -> ObjectId:
    """Note a registration, write one mail, return its number; equal work for a taken address."""
    now = datetime.now(UTC)
    client = ObjectId()
    index = accounts.email_index(email)
    taken = Client.raw().find_one({"email_index": index}, {"_id": 1}) is not None
    accounts.create_keys(client, ("account",))
    Registration.sealing(
        RegistrationDetails(email=email, password_hash=passwords.hash_password(password)),
        id=client,
        client=client,
        recorded_at=now,
        erase_after=retention.registration_ends(now),
        email_index=index,
    ).save()
    kind = MailKind.ALREADY_REGISTERED if taken else MailKind.CONFIRM_REGISTRATION
    token = links.make("already" if taken else "registration", client)
    path = "/account/forgotten-password" if taken else f"/account/confirm/{token}"
    outbox.write(kind, client, email, {"link": path})
    return client


def registration_of(links: Links, token: str) -> ObjectId:
    """The number of the registration that a link confirms; LinkInvalid."""
    return links.read("registration", token, tokens.REGISTRATION_SECONDS)[0]


def confirm_registration(links: Links, token: str, password: str | None) -> bool:
    """Open the account that a registration asked for; False where the password is another one.

    None stands for the browser in which the password was typed. Elsewhere it is asked for: somebody
    may have registered an address that is not theirs, to know the password of its owner's account.
    Raises LinkInvalid where the account cannot be opened.
    """
    client = registration_of(links, token)
    job = Actor.job(Job.REGISTRATION)
    try:
        _, details = Dossier.open(
            client,
            job,
            Purpose.SERVICE,
            categories=["registrations"],
            event=Event.REGISTRATION_OPENED,
        ).record(Registration)
        if password is not None and not passwords.verify_password(details.password_hash, password):
            return False
        ledger.append(client, Event.REGISTRATION_CONFIRMED, job, Purpose.SERVICE)
        accounts.open_account(
            client,
            Credentials(password_hash=details.password_hash),
            Contact(email=details.email),
        )
    except (NoSuchRecord, KeyDestroyed, accounts.AddressTaken):
        raise LinkInvalid from None
    Registration.raw().delete_one({"_id": client})
    return True


def check_password(email: str, password: str) -> tuple[ObjectId, Credentials] | None:
    """The client and credentials if the password is right; None otherwise, at equal cost."""
    found = Client.raw().find_one(
        {"email_index": accounts.email_index(email), "status": ClientStatus.ACTIVE.value},
        {"_id": 1},
    )
    client = found["_id"] if found else DECOY
    dossier = _open_credentials(client, Event.SIGN_IN_ATTEMPTED)
    try:
        record, credentials = dossier.record(Client)
    except KeyDestroyed:
        return None
    if not passwords.verify_password(credentials.password_hash, password) or found is None:
        return None
    if passwords.needs_rehash(credentials.password_hash):
        _reseal(record, credentials, password_hash=passwords.hash_password(password))
    return client, credentials


def password_is_right(client: ObjectId, password: str) -> bool:
    """Whether a signed-in client confirmed their password."""
    _, credentials = _open_credentials(client, Event.REAUTHENTICATED).record(Client)
    return passwords.verify_password(credentials.password_hash, password)


def begin_session(
    client: ObjectId, address: str, device: str, browser: str, analytics: bool
) -> str:
    """Begin a sign-in; returns the cookie's token. A new device is told to the client by mail."""
    token, new_device = sign_ins.begin(client, address, device, browser, analytics=analytics)
    ledger.append(client, Event.SIGNED_IN, Actor.client(client), Purpose.SECURITY)
    if new_device:
        notify(client, MailKind.NEW_DEVICE, {"link": "/account/sessions"})
    return token


def end_session(client: ObjectId, sign_in: ObjectId) -> bool:
    """End one session; False where the client has no such open one."""
    if not sign_ins.end(client, sign_in):
        return False
    ledger.append(client, Event.SIGNED_OUT, Actor.client(client), Purpose.SECURITY)
    return True


def end_other_sessions(client: ObjectId, keep: ObjectId) -> int:
    """End all sessions but the present one; returns how many."""
    count = sign_ins.end_others(client, keep)
    ledger.append(client, Event.SESSIONS_ENDED, Actor.client(client), Purpose.SECURITY)
    return count


def ask_new_password(links: Links, email: str) -> None:
    """Write a mail with a link for a new password; to nobody (void) where there is no account."""
    found = Client.raw().find_one(
        {"email_index": accounts.email_index(email), "status": ClientStatus.ACTIVE.value},
        {"_id": 1},
    )
    client = found["_id"] if found else DECOY
    dossier = Dossier.open(
        client,
        Actor.job(Job.RECOVERY),
        Purpose.SECURITY,
        categories=["account", "contact"],
        event=Event.PASSWORD_RESET_ASKED,
    )
    try:
        _, credentials = dossier.record(Client)
        _, contact = dossier.record(ContactRecord)
    except KeyDestroyed:
        return
    token = links.make("password", client, credentials.password_hash)
    link = {"link": f"/account/reset-password/{token}"}
    outbox.write(MailKind.NEW_PASSWORD, client, contact.email, link, void=found is None)


def reset_password(links: Links, token: str, password: str) -> None:
    """Set a new password through a mailed link; ends all sessions. LinkInvalid."""
    client, bound = links.read("password", token, tokens.RESET_SECONDS)
    try:
        record, credentials = _open_credentials(client, Event.PASSWORD_RESET).record(Client)
    except (NoSuchRecord, KeyDestroyed):
        raise LinkInvalid from None
    if tokens.fingerprint(credentials.password_hash) != bound:
        raise LinkInvalid
    _reseal(record, credentials, password_hash=passwords.hash_password(password))
    sign_ins.end_others(client, keep=None)
    notify(client, MailKind.PASSWORD_CHANGED, {"link": "/account/forgotten-password"})


def reset_link_works(links: Links, token: str) -> bool:
    """Whether a reset link is genuine and young enough (whether it was used shows on sending)."""
    try:
        links.read("password", token, tokens.RESET_SECONDS)
    except LinkInvalid:
        return False
    return True


def change_password(client: ObjectId, current: ObjectId, old: str, new: str) -> bool:
    """Change the password; all other sessions end. False where the old one is wrong."""
    record, credentials = _open_credentials(client, Event.REAUTHENTICATED).record(Client)
    if not passwords.verify_password(credentials.password_hash, old):
        return False
    _reseal(record, credentials, password_hash=passwords.hash_password(new))
    ledger.append(client, Event.PASSWORD_CHANGED, Actor.client(client), Purpose.SECURITY)
    sign_ins.end_others(client, keep=current)
    notify(client, MailKind.PASSWORD_CHANGED, {"link": "/account/forgotten-password"})
    return True


def has_second_factor(client: ObjectId) -> bool:
    _, credentials = _open_credentials(client, Event.CREDENTIALS_READ).record(Client)
    return credentials.totp_secret is not None


def enable_second_factor(client: ObjectId, secret: str, code: str) -> list[str] | None:
    """Turn the second factor on; returns recovery codes to show once, None for a wrong code."""
    used = second_factor.accepted_step(secret, code, after=0)
    if used is None:
        return None
    codes = second_factor.new_recovery_codes()
    record, credentials = _open_credentials(client, Event.TWO_FACTOR_ENABLED).record(Client)
    hashes = [second_factor.hashed(one) for one in codes]
    _reseal(record, credentials, totp_secret=secret, totp_last_used=used, recovery_hashes=hashes)
    notify(client, MailKind.TWO_FACTOR_CHANGED, {"link": "/account/two-factor"})
    return codes


def renew_recovery_codes(client: ObjectId) -> list[str]:
    """New recovery codes to show once; the old ones stop working."""
    codes = second_factor.new_recovery_codes()
    record, credentials = _open_credentials(client, Event.RECOVERY_CODES_MADE).record(Client)
    _reseal(record, credentials, recovery_hashes=[second_factor.hashed(one) for one in codes])
    return codes


def disable_second_factor(client: ObjectId) -> None:
    record, credentials = _open_credentials(client, Event.TWO_FACTOR_DISABLED).record(Client)
    _reseal(record, credentials, totp_secret=None, totp_last_used=0, recovery_hashes=[])
    notify(client, MailKind.TWO_FACTOR_CHANGED, {"link": "/account/two-factor"})


def second_factor_is_right(client: ObjectId, code: str) -> bool:
    """Check a code of the app or a recovery code; each works once, also for two at once.

    The client reads of a wrong one: somebody knows the password.
    """
    right = retried(lambda: _second_factor_is_right(client, code))
    if not right:
        ledger.append(client, Event.SECOND_FACTOR_REFUSED, Actor.job(Job.SIGN_IN), Purpose.SECURITY)
    return right


def _second_factor_is_right(client: ObjectId, code: str) -> bool:
    record, credentials = _open_credentials(client, Event.SECOND_FACTOR_CHECKED).record(Client)
    used = second_factor.accepted_step(
        credentials.totp_secret or "", code, after=credentials.totp_last_used
    )
    if used is not None:
        _reseal(record, credentials, totp_last_used=used)
        return True
    digest = second_factor.hashed(code)
    if digest not in credentials.recovery_hashes:
        return False
    left = [one for one in credentials.recovery_hashes if one != digest]
    _reseal(record, credentials, recovery_hashes=left)
    return True


def _open_credentials(client: ObjectId, event: Event) -> Dossier:
    return Dossier.open(
        client, Actor.job(Job.SIGN_IN), Purpose.SECURITY, categories=["account"], event=event
    )


def _reseal(record: Client, credentials: Credentials, **changes: Any) -> None:
    record.seal(dataclasses.replace(credentials, **changes))
    record.save()
