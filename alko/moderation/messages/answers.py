"""Texts to begin an answer with. To add one: one more ``Text``."""

from __future__ import annotations

from alko.moderation.texts import Text
from alko.words import N_

ANSWERS: tuple[Text, ...] = (
    Text(
        "thanks",
        N_("We look into it"),
        N_("Thank you for writing. We look into it and answer here by [day]."),
    ),
    Text(
        "more",
        N_("Please tell us more"),
        N_("So that we can help: [what we need to know]. You can answer on this page."),
    ),
    Text(
        "sign_in",
        N_("You can do this yourself"),
        N_(
            "You can do this yourself, at once: sign in, open “Your rights” and choose [the "
            "right]. As you are identified there, no papers are needed."
        ),
    ),
    Text(
        "confirm",
        N_("Please confirm your address"),
        N_(
            "Before we answer about your data we must know that this address is yours. Please open "
            "the case once with the link in our first mail."
        ),
    ),
    Text(
        "delivery",
        N_("Where the car is"),
        N_("Your car is [where]. The page of your order shows each step and the expected day."),
    ),
    Text(
        "done",
        N_("It is done"),
        N_("It is done: [what]. If something is left, answer here and the case opens again."),
    ),
)
