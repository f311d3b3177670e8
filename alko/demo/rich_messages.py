"""What client@demo.example and ALKO Cars wrote to each other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One message; ``day`` and ``hour`` count from the order."""

    day: int
    hour: int
    from_client: bool
    body: str


@dataclass(frozen=True)
class Conversation:
    reference: str
    subject: str
    channel: str
    about_car_at_sea: bool
    lines: tuple[Line, ...]


CONVERSATIONS = (
    Conversation(
        "M-10418",
        "Colour and trim of my order",
        "portal",
        False,
        (
            Line(
                1,
                3,
                True,
                "Good morning,\n\nis it still possible to have the dark wood trim with ink blue on "
                "order {number}? I should like to decide before production starts.\n\n{name}",
            ),
            Line(
                2,
                1,
                False,
                "Dear Ms Marchand-Kowalska,\n\nyes, dark wood goes with ink blue at no extra "
                "price. We have noted it; production starts in about three weeks.\n\nALKO Cars",
            ),
            Line(2, 5, True, "Perfect, thank you!\n\n{name}"),
        ),
    ),
    Conversation(
        "M-10977",
        "Handover in Lyon",
        "email",
        False,
        (
            Line(
                121,
                2,
                False,
                "Dear Ms Marchand-Kowalska,\n\nyour car has arrived in Le Havre and goes through "
                "customs this week. Would a handover at your home in the morning suit you?"
                "\n\nALKO Cars",
            ),
            Line(
                121,
                9,
                True,
                "Mornings are fine. The street is narrow, please come with the small "
                "transporter.\n\n{name}",
            ),
            Line(
                122,
                1,
                False,
                "Noted: the small transporter, before noon. The driver calls half an hour "
                "ahead.\n\nALKO Cars",
            ),
        ),
    ),
    Conversation(
        "M-20653",
        "Which papers do you need?",
        "portal",
        True,
        (
            Line(
                1,
                2,
                True,
                "Hello,\n\nfor order {number}: do I have to send my passport and licence again? "
                "You had them for the first car.\n\n{name}",
            ),
            Line(
                1,
                6,
                False,
                "Dear Ms Marchand-Kowalska,\n\nyes, please: we deleted them thirty days after "
                "your first car was delivered, as our privacy policy says. You can upload them "
                "under Documents.\n\nALKO Cars",
            ),
            Line(4, 4, True, "Done, all five files should be there now.\n\n{name}"),
            Line(6, 2, False, "Everything is complete and accepted. Thank you.\n\nALKO Cars"),
        ),
    ),
    Conversation(
        "M-21002",
        "Your car has been loaded",
        "portal",
        True,
        (
            Line(
                86,
                8,
                False,
                "Dear Ms Marchand-Kowalska,\n\nyour car left Ulsan today on board the MV Aurora "
                "Highway, voyage 047W. You can follow it on the page of order {number}."
                "\n\nALKO Cars",
            ),
            Line(
                88,
                12,
                True,
                "Lovely. When do you expect it in Le Havre, and who pays the port fees?\n\n{name}",
            ),
            Line(
                89,
                2,
                False,
                "In about a month; the page shows the day. Port fees are part of the invoice "
                "you have already paid.\n\nALKO Cars",
            ),
        ),
    ),
)
