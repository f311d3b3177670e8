"""Texts to begin an answer with, by right and by what is done with the request.

To add one: one more ``Answer``.
"""

from __future__ import annotations

from dataclasses import dataclass

from alko.moderation.texts import Text
from alko.privacy.rights.catalogue import Right
from alko.words import N_


@dataclass(frozen=True)
class Answer(Text):
    steps: frozenset[str]
    """The steps it is offered for: ``message``, ``ask``, ``done``, ``refuse``, ``extend``."""
    rights: frozenset[Right] = frozenset(Right)


def _for(*steps: str) -> frozenset[str]:
    return frozenset(steps)


ANSWERS: tuple[Answer, ...] = (
    Answer(
        "received",
        N_("We are working on it"),
        N_("Thank you for your request. We are looking into it and answer here by the due date."),
        _for("message"),
    ),
    Answer(
        "identify",
        N_("Please show that it is you"),
        N_(
            "Before we answer, we must be sure that it is you who asks. Please sign in and write "
            "to us from the page of this request; you need not send a copy of an identity card."
        ),
        _for("message"),
    ),
    Answer(
        "which_data",
        N_("Which data is meant"),
        N_("So that we find everything: which data, orders or time do you mean? [what is unclear]"),
        _for("ask"),
    ),
    Answer(
        "which_value",
        N_("What is wrong, and how it should be"),
        N_(
            "Please tell us which entry is wrong and how it should be. A document that shows it "
            "helps; you can add one under “Documents”."
        ),
        _for("ask"),
        frozenset({Right.CORRECTION}),
    ),
    Answer(
        "situation",
        N_("Your particular situation"),
        N_(
            "To weigh your objection we need to know your situation: what about it speaks against "
            "this use of your data?"
        ),
        _for("ask"),
        frozenset({Right.OBJECTION}),
    ),
    Answer(
        "copy_ready",
        N_("The copy has all of it"),
        N_(
            "Everything that we hold about you is in the copy that you take under “Take a copy”, "
            "at any time and as often as you like. What you asked for is under [category]."
        ),
        _for("done"),
        frozenset({Right.ACCESS, Right.PORTABILITY}),
    ),
    Answer(
        "corrected",
        N_("It is corrected"),
        N_(
            "We corrected it as you asked. The value before is kept as history, and whoever got "
            "the old value from us is told. You see both under “My data”."
        ),
        _for("done"),
        frozenset({Right.CORRECTION}),
    ),
    Answer(
        "objection_upheld",
        N_("The objection is upheld"),
        N_("You are right: we no longer use your data for [purpose], from today on."),
        _for("done"),
        frozenset({Right.OBJECTION}),
    ),
    Answer(
        "restriction_settled",
        N_("The question is settled"),
        N_(
            "What you asked us to check is settled: [result]. The restriction ends on the day that "
            "we wrote to you; until then your data is only stored."
        ),
        _for("done"),
        frozenset({Right.RESTRICTION}),
    ),
    Answer(
        "deletion_partly",
        N_("Deleted, but what the law keeps"),
        N_(
            "Your data is deleted, except for what the law has us keep: [what, and until when]. It "
            "stays sealed, is used for nothing else, and is then deleted by itself."
        ),
        _for("done"),
        frozenset({Right.DELETION}),
    ),
    Answer(
        "not_identified",
        N_("We could not make sure that it is you"),
        N_(
            "We could not make sure that it is you who asks, so we must not act on it (GDPR Art. "
            "12(2)). Sign in and file the request there: then nothing has to be shown."
        ),
        _for("refuse"),
    ),
    Answer(
        "others_data",
        N_("It would show data of others"),
        N_(
            "What you ask for would show data of other people: [which kind]. Their rights stand "
            "against it (GDPR Art. 15(4)). All else is in your copy."
        ),
        _for("refuse"),
        frozenset({Right.ACCESS, Right.PORTABILITY}),
    ),
    Answer(
        "is_right",
        N_("The entry is right"),
        N_("We checked the entry against [document] and found it right, so it stays as it is."),
        _for("refuse"),
        frozenset({Right.CORRECTION}),
    ),
    Answer(
        "law_keeps",
        N_("The law has us keep it"),
        N_("The law has us keep it until [date]: [which duty] (GDPR Art. 17(3)). Then it goes."),
        _for("refuse"),
        frozenset({Right.DELETION}),
    ),
    Answer(
        "compelling",
        N_("Compelling grounds"),
        N_(
            "We weighed your situation against the use for [purpose]. It goes on, because "
            "[compelling grounds] (GDPR Art. 21(1))."
        ),
        _for("refuse"),
        frozenset({Right.OBJECTION}),
    ),
    Answer(
        "no_ground",
        N_("None of the four grounds"),
        N_("None of the four grounds of the law is met: [why] (GDPR Art. 18(1))."),
        _for("refuse"),
        frozenset({Right.RESTRICTION}),
    ),
    Answer(
        "complex",
        N_("It takes longer than a month"),
        N_(
            "Your request is complex: [what has to be found or asked for]. We need more time than "
            "a month for it (GDPR Art. 12(3))."
        ),
        _for("extend"),
    ),
)


def offered(step: str, right: Right) -> list[Answer]:
    """The texts for a step of a request about this right."""
    return [one for one in ANSWERS if step in one.steps and right in one.rights]
