"""A hundred other clients with smaller histories, so that queries and pages meet a real number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from alko.demo.accounts import OTHER_EMAIL
from alko.demo.factories import Factory, Person
from alko.demo.stories import Happening, purchase, write_ledger
from alko.mail.kinds import MailKind
from alko.models.communication import Direction
from alko.models.profile import Contact, Identity
from alko.privacy.accountability.events import Event
from alko.privacy.door.access import Actor
from alko.privacy.vocabulary import Purpose

CROWD = 100
DEVICES = (
    ("Windows", "Edge"),
    ("Windows", "Firefox"),
    ("iOS", "Mobile Safari"),
    ("Android", "Chrome Mobile"),
    ("Mac OS X", "Safari"),
    ("Linux", "Firefox"),
)
NETWORKS = ("192.0.2.0", "198.51.100.0", "203.0.113.0")
QUESTIONS = (
    ("Delivery date", "Could you tell me when my car is expected? Thank you."),
    ("Winter tyres", "Can the car be delivered with winter tyres, and at what price?"),
    ("Invoice address", "Please send the next invoice to my new address, see my profile."),
    ("Registration papers", "Which papers do I need in order to register the car?"),
)
ANSWER = "Thank you for your message. We have looked into it, and you will find it settled."

OTHER_IDENTITY = Identity(
    full_name="Tomasz Quarshie-Lund",
    birth_date="1979-11-03",
    nationality="SE",
    identification_kind="national_id",
    identification_number="SE7911038241",
)
OTHER_CONTACT = Contact(
    email=OTHER_EMAIL,
    phone="+46701740618",
    street="Kvarngatan 27",
    city="Malmö",
    postal_code="211 47",
    country="SE",
)


def second_client(factory: Factory) -> Person:
    """other@demo.example: one car in production."""
    person = factory.client(
        OTHER_EMAIL,
        identity=OTHER_IDENTITY,
        contact=OTHER_CONTACT,
        opened_at=factory.now - timedelta(days=95),
    )
    with factory.gathering():
        _history(factory, person, order_age=52)
    return person


def crowd(factory: Factory, progress: Callable[[int], object]) -> None:
    """Make all of them; ``progress`` is called with the number made so far."""
    with factory.gathering():
        for number in range(1, CROWD + 1):
            age = factory.chance.choice((8, 45, 100, 140, 300, 600, 900, 1500, 2100))
            age += factory.chance.randrange(30)
            person = factory.client(
                f"crowd-{number:03}",
                opened_at=factory.now - timedelta(days=age + factory.chance.randint(2, 60)),
            )
            _history(factory, person, order_age=age, cancelled=number % 17 == 0)
            progress(number)


def _history(factory: Factory, person: Person, order_age: int, cancelled: bool = False) -> None:
    chance, now = factory.chance, factory.now
    ordered_at = now - timedelta(days=order_age, minutes=chance.randrange(600))
    purchase(factory, person, ordered_at, cancelled=cancelled)
    newest = min(order_age, 300)
    days = sorted((chance.randint(0, newest) for _ in range(chance.randint(2, 4))), reverse=True)
    times = [now - timedelta(days=day, minutes=chance.randint(40, 900)) for day in days]
    device, browser = chance.choice(DEVICES)
    address = chance.choice(NETWORKS)
    for at in times:
        factory.sign_in(
            person.id,
            at=at,
            device=device,
            browser=browser,
            address=address,
            ended_at=at + timedelta(minutes=30),
        )
    subject, question = chance.choice(QUESTIONS)
    reference = f"M-{chance.randint(30_000, 99_999)}"
    for direction, body, later in (
        (Direction.FROM_CLIENT, question, 0),
        (Direction.TO_CLIENT, ANSWER, 7),
    ):
        factory.message(
            person.id,
            subject,
            body,
            direction=direction,
            reference=reference,
            sent_at=times[0] + timedelta(minutes=later),
        )
    factory.consent(person.id, "marketing", chance.random() < 0.3, at=times[0])
    factory.notice(person.id, "2024-01", shown_at=times[0], read_at=times[0])
    factory.mail(person.id, MailKind.NEW_DEVICE.value, person.contact.email, times[0])
    factory.was_active(person.id, times[-1])
    me = Actor.client(person.id)
    write_ledger(person.id, [Happening(at, Event.SIGNED_IN, me, Purpose.SECURITY) for at in times])
