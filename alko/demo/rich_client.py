"""client@demo.example: two cars, one delivered last year and one at sea now, and years of use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bson import ObjectId

from alko.demo import inbox, papers, processors
from alko.demo.accounts import CLIENT_EMAIL
from alko.demo.factories import Factory, Person
from alko.demo.rich_ledger import Trail, happenings
from alko.demo.rich_messages import CONVERSATIONS
from alko.demo.stories import Purchase, Voyage, postal_address, purchase, write_ledger
from alko.mail.kinds import MailKind
from alko.models.communication import Direction
from alko.models.document import PaperKind, PaperRecord
from alko.models.profile import Contact, Identity
from alko.models.recipient import Agreement
from alko.models.request import Change, RequestDetails, RequestEvent, RequestMessage
from alko.models.technical import SignIn
from alko.models.transaction import OrderDetails
from alko.privacy.rights.catalogue import Right

IDENTITY = Identity(
    full_name="Élodie Marchand-Kowalska",
    birth_date="1988-04-12",
    nationality="FR",
    identification_kind="passport",
    identification_number="24FX81937",
)
CONTACT = Contact(
    email=CLIENT_EMAIL,
    phone="+33639981427",
    street="14 rue des Tisserands",
    city="Lyon",
    postal_code="69004",
    country="FR",
)
LICENCE_NUMBER = "880469201137"
IBAN = "FR76 3000 6000 0142 8817 3310 189"

OPENED = datetime(2023, 5, 9, 17, 42, 11, tzinfo=UTC)
NEW_POLICY_SHOWN = datetime(2024, 1, 16, 19, 4, 52, tzinfo=UTC)
ANALYTICS_ALLOWED_DAYS_AGO = 210
ANALYTICS_WITHDRAWN_DAYS_AGO = 45
DAYS_AT_SEA = 15
SIGN_INS = 30
STILL_OPEN = 3

LAPTOP = ("Windows", "Firefox", "203.0.113.0")
PHONE = ("iOS", "Mobile Safari", "198.51.100.0")
TABLET = ("Android", "Chrome Mobile", "2001:db8:4a::")
WORK = ("Mac OS X", "Safari", "192.0.2.0")
DEVICES = (LAPTOP, LAPTOP, PHONE, LAPTOP, PHONE, WORK, TABLET)

VIEWED = (
    "my_data.overview",
    "policy.show",
    "my_data.category",
    "policy.promises",
    "my_data.activity",
    "account.sessions",
    "home.index",
)


def tell(factory: Factory, officer: ObjectId, agreements: list[Agreement]) -> Person:
    """Make the client and the whole history; ``officer`` looked into it twice.

    Payments went to the processor under its ``agreements``.
    """
    person = factory.client(
        CLIENT_EMAIL,
        identity=IDENTITY,
        contact=CONTACT,
        opened_at=OPENED,
    )
    with factory.gathering():
        delivered, at_sea = _purchases(factory, person)
        sign_ins = _sign_ins(factory, person)
        factory.was_active(person.id, sign_ins[-1].recorded_at)
        _page_views(factory, person, sign_ins)
        _choices(factory, person)
        _messages(factory, person, delivered, at_sea)
        _requests(factory, person)
        factory.hold(
            person.id,
            "The carrier's insurer asked for all papers about the damaged mirror.",
            at=factory.now - timedelta(days=300),
            until=factory.now - timedelta(days=210),
        )
        mails = _mails(factory, person, sign_ins)
        passed_on = list(
            processors.payments_passed_on(factory, person, (delivered, at_sea), agreements, officer)
        )
        factory.notice(person.id, "2023-03", shown_at=OPENED, read_at=OPENED + timedelta(minutes=6))
        factory.notice(person.id, "2024-01", shown_at=NEW_POLICY_SHOWN)
    files = _papers(factory, person, delivered, at_sea)
    asked = inbox.of_client(factory, person, officer)
    trail = Trail(
        client=person.id,
        officer=officer,
        now=factory.now,
        opened=OPENED,
        new_policy_shown=NEW_POLICY_SHOWN,
        analytics=(_allowed(factory), _withdrawn(factory)),
        sign_ins=[one.recorded_at for one in sign_ins],
        mails=mails,
        passport=files[0].pk,
        payment=delivered.payments[0].pk,
    )
    write_ledger(person.id, [*happenings(trail), *passed_on, *asked])
    return person


def _purchases(factory: Factory, person: Person) -> tuple[Purchase, Purchase]:
    last_year = factory.now.year - 1
    lexus = OrderDetails(
        make="Lexus",
        model="RX 500h",
        model_year=last_year,
        colour="Ink blue",
        vin="JTJXXTFH2S5014872",
        price=7_840_000,
        currency="EUR",
    )
    genesis = OrderDetails(
        make="Genesis",
        model="GV70",
        model_year=factory.now.year,
        colour="Moss green",
        vin="KMTG34TA6SU083516",
        price=6_395_000,
        currency="EUR",
    )
    delivered = purchase(
        factory,
        person,
        datetime(last_year, 2, 8, 10, 24, tzinfo=UTC),
        car=lexus,
        voyage=Voyage("Northsea RoRo Lines", "MV Cormorant Ace", "118W"),
        numbers=(f"AC-{last_year}-0117", f"IN-{last_year}-0342"),
    )
    ordered_at = factory.now - timedelta(days=86 + DAYS_AT_SEA, hours=3)
    at_sea = purchase(
        factory,
        person,
        ordered_at,
        car=genesis,
        voyage=Voyage("Meridian Car Carriers", "MV Aurora Highway", "047W"),
        numbers=(f"AC-{ordered_at.year}-2206", f"IN-{ordered_at.year}-2291"),
    )
    return delivered, at_sea


def _papers(
    factory: Factory, person: Person, delivered: Purchase, at_sea: Purchase
) -> list[PaperRecord]:
    """Five files. Those of the first car are gone 30 days after its delivery, but its receipt."""
    name, address = IDENTITY.full_name, postal_address(person)
    born = date.fromisoformat(IDENTITY.birth_date)
    ordered = at_sea.order.recorded_at
    paid = delivered.payments[-1].recorded_at

    def scans() -> list[tuple[PaperKind, str, bytes, timedelta]]:
        passport = papers.passport_scan(
            name, IDENTITY.identification_number, born, "FR", sex="F", birth_place="Lille"
        )
        licence = papers.driving_licence(name, LICENCE_NUMBER, born, "FR", birth_place="Lille")
        bill = papers.utility_bill(name, address, (ordered - timedelta(days=40)).date())
        return [
            (PaperKind.IDENTITY, "passport.jpg", passport, timedelta(days=3)),
            (PaperKind.DRIVING_LICENCE, "driving-licence.jpg", licence, timedelta(days=3, hours=1)),
            (PaperKind.RESIDENCE, "electricity-bill.pdf", bill, timedelta(days=4)),
        ]

    files = [
        factory.paper(
            person.id, kind, content, filename, order=at_sea.order, received_at=ordered + later
        )
        for kind, filename, content, later in scans()
    ]
    receipt = papers.payment_receipt(
        "HB-88214-7",
        paid.date(),
        f"{name}\n{address}",
        delivered.total - delivered.total // 5,
        "EUR",
        purpose=f"Order {delivered.order.number}, balance",
    )
    statement = papers.bank_statement(name, address, IBAN, (ordered - timedelta(days=31)).date())
    for content, filename, bought, received_at in (
        (receipt, "payment-receipt.pdf", delivered, paid + timedelta(days=1)),
        (statement, "bank-statement.pdf", at_sea, ordered + timedelta(days=4, hours=2)),
    ):
        files.append(
            factory.paper(
                person.id,
                PaperKind.FINANCIAL,
                content,
                filename,
                order=bought.order,
                received_at=received_at,
            )
        )
    return files


def _sign_ins(factory: Factory, person: Person) -> list[SignIn]:
    """Thirty, closer together the nearer the present; the last three are still open."""
    chance, made = factory.chance, []
    for number in range(SIGN_INS):
        left = SIGN_INS - number
        days = 0.8 + 300 * ((left - 1) / SIGN_INS) ** 1.7
        at = factory.now - timedelta(days=days, minutes=chance.randrange(50))
        still_open = left <= STILL_OPEN
        device, browser, address = (
            (WORK, PHONE, LAPTOP)[left % 3] if still_open else chance.choice(DEVICES)
        )
        made.append(
            factory.sign_in(
                person.id,
                at=at,
                address=address,
                device=device,
                browser=browser,
                ended_at=None if still_open else at + timedelta(minutes=chance.randint(4, 170)),
                analytics=_allowed(factory) < at < _withdrawn(factory),
                policy_unread=still_open,
            )
        )
    return made


def _page_views(factory: Factory, person: Person, sign_ins: list[SignIn]) -> None:
    """A few in each session, but only while usage analysis was allowed."""
    for sign_in in sign_ins:
        if not sign_in.analytics:
            continue
        browser, address = factory.chance.choice(((LAPTOP[1], LAPTOP[2]), (PHONE[1], PHONE[2])))
        for step in range(factory.chance.randint(2, 5)):
            factory.page_view(
                person.id,
                factory.chance.choice(VIEWED),
                at=sign_in.recorded_at + timedelta(seconds=20 + 47 * step),
                address=address,
                browser=browser,
            )


def _choices(factory: Factory, person: Person) -> None:
    factory.consent(person.id, "marketing", False, at=OPENED + timedelta(minutes=3))
    factory.consent(person.id, "analytics", True, at=_allowed(factory))
    factory.consent(person.id, "analytics", False, at=_withdrawn(factory))


def _allowed(factory: Factory) -> datetime:
    return factory.now - timedelta(days=ANALYTICS_ALLOWED_DAYS_AGO)


def _withdrawn(factory: Factory) -> datetime:
    return factory.now - timedelta(days=ANALYTICS_WITHDRAWN_DAYS_AGO)


def _messages(factory: Factory, person: Person, delivered: Purchase, at_sea: Purchase) -> None:
    for conversation in CONVERSATIONS:
        bought = at_sea if conversation.about_car_at_sea else delivered
        for line in conversation.lines:
            factory.message(
                person.id,
                conversation.subject,
                line.body.format(name="Élodie Marchand", number=bought.order.number),
                direction=Direction.FROM_CLIENT if line.from_client else Direction.TO_CLIENT,
                channel=conversation.channel,
                reference=conversation.reference,
                sent_at=bought.order.recorded_at + timedelta(days=line.day, hours=line.hour),
            )


def _requests(factory: Factory, person: Person) -> None:
    """A copy that took a person; an objection being examined; a correction waiting for review."""
    asked = factory.now - timedelta(days=131, hours=5)
    answered = asked + timedelta(days=9, hours=2)
    factory.request(
        person.id,
        RequestDetails(
            words="Please add to my copy what your carrier noted about the damaged mirror in 2024.",
            events=[
                RequestEvent(on=asked.date().isoformat(), state="received"),
                RequestEvent(
                    on=(asked + timedelta(days=2)).date().isoformat(), state="in_progress"
                ),
                RequestEvent(on=answered.date().isoformat(), state="done"),
            ],
            messages=[
                RequestMessage(
                    on=answered.date().isoformat(),
                    direction="to_client",
                    body="The carrier's note is now among your documents. It says that the mirror "
                    "was replaced in Antwerp, at no cost to you.",
                )
            ],
        ),
        right=Right.ACCESS,
        reference=f"R-{asked.year}-4T7QXD",
        at=asked,
        finished_at=answered,
    )
    objected = factory.now - timedelta(days=6, hours=1)
    factory.request(
        person.id,
        RequestDetails(
            words="I do not want my phone number to be used for reminders.",
            events=[
                RequestEvent(on=objected.date().isoformat(), state="received"),
                RequestEvent(
                    on=(objected + timedelta(days=1)).date().isoformat(), state="in_progress"
                ),
            ],
        ),
        right=Right.OBJECTION,
        reference=f"R-{objected.year}-K2M86W",
        at=objected,
    )
    corrected = factory.now - timedelta(days=2, hours=3)
    factory.request(
        person.id,
        RequestDetails(
            words="My new passport has only one of my two surnames.",
            events=[
                RequestEvent(on=corrected.date().isoformat(), state="received"),
                RequestEvent(on=corrected.date().isoformat(), state="in_progress"),
            ],
            changes=[Change(field="full_name", old=IDENTITY.full_name, new="Élodie Marchand")],
        ),
        right=Right.CORRECTION,
        reference=f"R-{corrected.year}-C4V9TX",
        at=corrected,
    )


def _mails(factory: Factory, person: Person, sign_ins: list[SignIn]) -> list[tuple[datetime, str]]:
    """One for each device when it was new, one for a changed password: (when, kind)."""
    first_seen: dict[str, datetime] = {}
    for sign_in in sign_ins:
        first_seen.setdefault(sign_in.device_index, sign_in.recorded_at)
    due = [(at, MailKind.NEW_DEVICE.value) for at in first_seen.values()]
    due.append((factory.now - timedelta(days=96, minutes=11), MailKind.PASSWORD_CHANGED.value))
    written = sorted(due)
    for at, kind in written:
        factory.mail(person.id, kind, CONTACT.email, at + timedelta(seconds=2))
    return written
