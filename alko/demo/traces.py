"""Factories of what using the portal leaves behind: messages, mails, sign-ins, views, choices."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from alko.database import connection
from alko.demo.maker import Maker, in_milliseconds
from alko.models.communication import (
    Direction,
    Mail,
    MailDetails,
    MailStatus,
    Message,
    MessageDetails,
)
from alko.models.consent import Consent, ConsentDetails, Notice
from alko.models.disclosure import Disclosure, DisclosureDetails
from alko.models.hold import EVERYTHING, HoldReason, LegalHold
from alko.models.oversight import BreachNotice
from alko.models.recipient import Agreement
from alko.models.request import DataRequest, RequestDetails, RequestState
from alko.models.technical import PageView, PageViewDetails, SignIn, SignInDetails, SignInState
from alko.privacy.lifecycle import retention
from alko.privacy.rights import choices, deadlines
from alko.privacy.rights.catalogue import Right
from alko.privacy.vocabulary import Purpose, Recipient


class TraceMaker(Maker):
    """Communication, technical information and choices."""

    def message(
        self,
        client: ObjectId,
        subject: str,
        body: str,
        *,
        direction: Direction = Direction.FROM_CLIENT,
        channel: str = "portal",
        sender_verified: bool | None = None,
        reference: str | None = None,
        sent_at: datetime | None = None,
    ) -> Message:
        number = self.new_id("message", client)
        sent_at = in_milliseconds(sent_at or self.now)
        return self.keep(
            Message.sealing(
                MessageDetails(subject=subject, body=body),
                id=number,
                client=client,
                recorded_at=sent_at,
                erase_after=retention.correspondence_ends(sent_at),
                reference=reference or f"M-{str(number)[-8:].upper()}",
                direction=direction.value,
                channel=channel,
                sender_verified=sender_verified,
            )
        )

    def mail(
        self,
        client: ObjectId,
        kind: str,
        to: str,
        sent_at: datetime | None = None,
        *,
        context: dict[str, str] | None = None,
    ) -> Mail:
        """A mail that was sent: without ``context`` it is emptied, as the worker leaves it."""
        sent_at = in_milliseconds(sent_at or self.now)
        return self.keep(
            Mail.sealing(
                MailDetails(to=to, context=context or {}),
                id=self.new_id("mail", client),
                client=client,
                recorded_at=sent_at,
                erase_after=retention.correspondence_ends(sent_at),
                kind=kind,
                status=MailStatus.SENT.value,
                attempts=1,
                sent_at=sent_at,
            )
        )

    def sign_in(
        self,
        client: ObjectId,
        *,
        at: datetime | None = None,
        address: str = "203.0.113.0",
        device: str = "Windows",
        browser: str = "Firefox",
        ended_at: datetime | None = None,
        analytics: bool = False,
        policy_unread: bool = False,
    ) -> SignIn:
        """A sign-in whose token nobody knows; open unless ``ended_at`` is given."""
        at = in_milliseconds(at or self.now)
        number = self.new_id("sign_in", client)
        known_as = f"{client}|{device}|{browser}"
        return self.keep(
            SignIn.sealing(
                SignInDetails(address=address, device=device, browser=browser),
                id=number,
                client=client,
                recorded_at=at,
                erase_after=retention.technical_ends(at),
                token_hash=hashlib.sha256(self.chance.randbytes(32) + number.binary).hexdigest(),
                device_index=connection.current().blind_index.of("device", known_as),
                state=(SignInState.ENDED if ended_at else SignInState.OPEN).value,
                analytics=analytics,
                policy_unread=policy_unread,
                last_seen_at=in_milliseconds(ended_at or at),
                ended_at=ended_at and in_milliseconds(ended_at),
            )
        )

    def page_view(
        self,
        client: ObjectId,
        page: str = "policy.show",
        *,
        at: datetime | None = None,
        address: str = "203.0.113.0",
        browser: str = "Firefox",
    ) -> PageView:
        at = in_milliseconds(at or self.now)
        return self.keep(
            PageView.sealing(
                PageViewDetails(page=page, address=address, browser=browser),
                id=self.new_id("page_view", client),
                client=client,
                recorded_at=at,
                erase_after=retention.technical_ends(at),
            )
        )

    def consent(
        self,
        client: ObjectId,
        choice: str,
        granted: bool,
        *,
        at: datetime | None = None,
        given_through: str = "choices_page",
    ) -> Consent:
        return self.keep(
            Consent.sealing(
                ConsentDetails(wording=choices.WORDINGS[choice], given_through=given_through),
                id=self.new_id("consent", client),
                client=client,
                recorded_at=in_milliseconds(at or self.now),
                choice=choice,
                granted=granted,
            )
        )

    def notice(
        self,
        client: ObjectId,
        version: str,
        *,
        shown_at: datetime | None = None,
        read_at: datetime | None = None,
    ) -> Notice:
        return self.keep(
            Notice(
                id=self.new_id("notice", client),
                client=client,
                recorded_at=in_milliseconds(shown_at or self.now),
                version=version,
                read_at=read_at and in_milliseconds(read_at),
            )
        )

    def hold(self, client: ObjectId, reason: str, *, at: datetime, until: datetime) -> LegalHold:
        """A legal hold on everything that was lifted at its end, so that it holds nothing now."""
        ended = in_milliseconds(until)
        return self.keep(
            LegalHold.sealing(
                HoldReason(reason=reason),
                id=self.new_id("hold", client),
                client=client,
                recorded_at=in_milliseconds(at),
                erase_after=retention.hold_ends(ended),
                covers=f"held.{EVERYTHING}",
                until=ended,
                lifted_at=ended,
                told=True,
                placed_by=self.new_id("officer", client),
            )
        )

    def agreement(
        self,
        recipient: Recipient = Recipient.PAYMENT_PROCESSOR,
        *,
        company: str = "Demo Payments",
        contact: str = "",
        reference: str = "DPA-2024-1",
        signed_on: datetime | None = None,
        expires_on: datetime | None = None,
    ) -> Agreement:
        """An agreement with a company, in force for another year unless told; left as it is."""
        number = self.new_id("agreement", reference)
        of = {"code": recipient.value, "company": company, "reference": reference}
        if found := Agreement.objects(**of).first():
            return found
        return Agreement(
            id=number,
            recorded_at=self.now,
            contact=contact,
            signed_on=signed_on or self.now - timedelta(days=365),
            expires_on=expires_on or self.now + timedelta(days=365),
            **of,
        ).save(force_insert=True)

    def disclosure(
        self,
        client: ObjectId,
        details: DisclosureDetails,
        *,
        agreement: ObjectId | None = None,
        recipient: Recipient = Recipient.PAYMENT_PROCESSOR,
        data: tuple[str, ...] = ("payments.amount", "payments.payer"),
        purpose: Purpose = Purpose.FINANCE,
        reference: str | None = None,
        at: datetime | None = None,
    ) -> Disclosure:
        """What was passed to a recipient, as alko.privacy.sharing.disclosures records it."""
        number = self.new_id("disclosure", client)
        at = in_milliseconds(at or self.now)
        return self.keep(
            Disclosure.sealing(
                details,
                id=number,
                client=client,
                recorded_at=at,
                reference=reference or f"D-{at.year}-{str(number)[-8:].upper()}",
                recipient=recipient.value,
                agreement=agreement or self.agreement(recipient).pk,
                purpose=purpose.value,
                data=sorted(data),
            )
        )

    def breach_notice(
        self, client: ObjectId, reference: str, *, told_at: datetime | None = None
    ) -> BreachNotice:
        return self.keep(
            BreachNotice(
                id=self.new_id("breach-notice", client),
                client=client,
                recorded_at=in_milliseconds(told_at or self.now),
                breach=self.new_id("breach", client),
                reference=reference,
            )
        )

    def request(
        self,
        client: ObjectId,
        details: RequestDetails,
        *,
        right: Right = Right.ACCESS,
        reference: str | None = None,
        at: datetime | None = None,
        extended_at: datetime | None = None,
        finished_at: datetime | None = None,
        state: RequestState = RequestState.IN_PROGRESS,
        **clear: Any,
    ) -> DataRequest:
        """A request; done where ``finished_at`` is given. ``clear`` are further clear fields."""
        number = self.new_id("request", client)
        at = in_milliseconds(at or self.now)
        end = finished_at and in_milliseconds(finished_at)
        due_at = deadlines.deadline(at).due_at
        return self.keep(
            DataRequest.sealing(
                details,
                id=number,
                client=client,
                recorded_at=at,
                erase_after=end and retention.request_ends(end),
                reference=reference or f"R-{at.year}-{str(number)[-8:].upper()}",
                right=right.value,
                state=(RequestState.DONE if end else state).value,
                corrects=bool(details.changes),
                due_at=retention.add_months(due_at, 1) if extended_at else due_at,
                extended_at=extended_at and in_milliseconds(extended_at),
                finished_at=end,
                **{"channel": "portal", **clear},
            )
        )
