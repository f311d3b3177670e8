"""The register of processors in the demo, and what the client with a rich history passed through.

The companies are invented. One agreement ends soon and one has been renewed, so that the desk of
the recipients has something to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta

from bson import ObjectId

from alko.demo.factories import Factory, Person
from alko.demo.stories import Happening, Purchase
from alko.models.disclosure import DisclosureDetails
from alko.models.recipient import Agreement
from alko.models.staff import StaffRole
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.sharing import recipients
from alko.privacy.vocabulary import Purpose, Recipient

PAYMENTS, STORAGE = "Tallow Bridge Payments", "Northern Locker Storage"
YEAR = timedelta(days=365)
PASSED_ON = (
    "identity.full_name",
    "payments.amount",
    "payments.currency",
    "payments.payer",
)


def register(factory: Factory) -> list[Agreement]:
    """Both processors with their agreements; returns those about payments."""
    today = datetime.combine(factory.now.date(), time(), UTC)
    first = factory.agreement(
        Recipient.PAYMENT_PROCESSOR,
        company=PAYMENTS,
        contact="privacy@tallow-bridge.example",
        reference="TBP-DPA-1",
        signed_on=today - 4 * YEAR,
        expires_on=today - timedelta(days=30),
    )
    second = factory.agreement(
        Recipient.PAYMENT_PROCESSOR,
        company=PAYMENTS,
        contact="privacy@tallow-bridge.example",
        reference="TBP-DPA-2",
        signed_on=today - timedelta(days=60),
        expires_on=today + 2 * YEAR,
    )
    factory.agreement(
        Recipient.CLOUD_STORAGE,
        company=STORAGE,
        contact="data.protection@northern-locker.example",
        reference="NL-2024-117",
        signed_on=today - YEAR,
        expires_on=today + timedelta(days=45),
    )
    return [first, second]


def payments_passed_on(
    factory: Factory,
    person: Person,
    purchases: Iterable[Purchase],
    agreements: Iterable[Agreement],
    officer: ObjectId,
) -> Iterator[Happening]:
    """Each payment went through the processor; yields what the ledger says of it."""
    actor = Actor.staff(officer, StaffRole.OFFICER)
    for bought in purchases:
        for payment in bought.payments:
            at = payment.recorded_at - timedelta(minutes=9)
            agreement = next(one for one in agreements if recipients.is_in_force(one, at))
            made = factory.disclosure(
                person.id,
                DisclosureDetails(
                    company=agreement.company,
                    bound_by=agreement.reference,
                    occasion=f"To take a payment for your order {bought.order.number}.",
                ),
                agreement=agreement.pk,
                data=PASSED_ON,
                at=at,
            )
            details = {
                "recipient": made.recipient,
                "reference": made.reference,
                "fields": [one.partition(".")[2] for one in made.data],
            }
            yield Happening(
                at,
                Event.DISCLOSED,
                actor,
                Purpose.FINANCE,
                ("identity", "payments"),
                details,
                reason=f"Assigned case: order {bought.order.number}",
            )
