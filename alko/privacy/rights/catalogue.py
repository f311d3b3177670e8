"""The six rights of the policy, section 6, as data (promises P26-P31)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alko.words import N_


class Right(StrEnum):
    ACCESS = "access"
    CORRECTION = "correction"
    DELETION = "deletion"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    RESTRICTION = "restriction"


@dataclass(frozen=True)
class RightExplained:
    """A right in plain words."""

    name: str
    text: str
    limits: str
    """What the law sets against it; empty where nothing does."""
    article: str
    """Its place in the law, for instance 'GDPR Art. 15'."""


RIGHTS: dict[Right, RightExplained] = {
    Right.ACCESS: RightExplained(
        N_("Access"),
        N_("You can have a copy of all the data that we hold about you."),
        "",
        N_("GDPR Art. 15"),
    ),
    Right.CORRECTION: RightExplained(
        N_("Correction"),
        N_("You can have data corrected that is inaccurate, and completed where it is incomplete."),
        "",
        N_("GDPR Art. 16"),
    ),
    Right.DELETION: RightExplained(
        N_("Deletion"),
        N_("You can have your data deleted."),
        N_("What the law obliges us to keep stays sealed until that duty ends (see section 5)."),
        N_("GDPR Art. 17"),
    ),
    Right.PORTABILITY: RightExplained(
        N_("Portability"),
        N_("You can take your data with you in a structured, machine-readable form."),
        "",
        N_("GDPR Art. 20"),
    ),
    Right.OBJECTION: RightExplained(
        N_("Objection"),
        N_("You can object to the use of your data for certain purposes."),
        N_("What your contract or the law requires goes on; everything optional ends at once."),
        N_("GDPR Art. 21"),
    ),
    Right.RESTRICTION: RightExplained(
        N_("Restriction"),
        N_("You can have the use of your data restricted in certain circumstances."),
        N_(
            "Those are: its accuracy is disputed; its use is unlawful but you do not want it "
            "erased; we no longer need it but you do, for a legal claim; "
            "an objection is being examined."
        ),
        N_("GDPR Art. 18"),
    ),
}
