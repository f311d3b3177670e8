"""Texts to begin an answer with; what must be filled in stands in square brackets, as for requests.

To add one: one more ``Answer``, with a ``name`` that occurs once.
"""

from __future__ import annotations

from dataclasses import dataclass

from alko.words import N_


@dataclass(frozen=True)
class Answer:
    name: str
    title: str
    text: str


ANSWERS: tuple[Answer, ...] = (
    Answer(
        "thanks",
        N_("We look into it"),
        N_("Thank you for writing. We look into it and answer here by [day]."),
    ),
    Answer(
        "more",
        N_("Please tell us more"),
        N_("So that we can help: [what we need to know]. You can answer on this page."),
    ),
    Answer(
        "sign_in",
        N_("You can do this yourself"),
        N_(
            "You can do this yourself, at once: sign in, open “Your rights” and choose [the "
            "right]. As you are identified there, no papers are needed."
        ),
    ),
    Answer(
        "confirm",
        N_("Please confirm your address"),
        N_(
            "Before we answer about your data we must know that this address is yours. Please open "
            "the case once with the link in our first mail."
        ),
    ),
    Answer(
        "delivery",
        N_("Where the car is"),
        N_("Your car is [where]. The page of your order shows each step and the expected day."),
    ),
    Answer(
        "done",
        N_("It is done"),
        N_("It is done: [what]. If something is left, answer here and the case opens again."),
    ),
)


def by_name(name: str) -> Answer | None:
    return next((one for one in ANSWERS if one.name == name), None)
