"""What only the operator can say: shown beside the policy, with an honest gap where it is missing.

These facts are settings and not part of the published text, so that filling one in needs no new
version of the policy.
"""

from __future__ import annotations

from dataclasses import dataclass

from alko.words import N_
from config import Controller


@dataclass(frozen=True)
class Fact:
    """A label and what the operator set; empty where nothing was provided yet."""

    label: str
    value: str


def facts(controller: Controller) -> tuple[Fact, ...]:
    """All facts of GDPR Art. 13 that the code cannot know."""
    return (
        Fact(N_("Controller"), controller.name),
        Fact(N_("Controller's address"), controller.address),
        Fact(N_("Email address of the privacy team"), controller.privacy_email),
        Fact(N_("Data-protection officer"), controller.data_protection_officer),
        Fact(N_("Legal bases confirmed on"), controller.legal_bases_confirmed_on),
        Fact(N_("Transfers to third countries"), controller.third_country_transfers),
        Fact(N_("Supervisory authority"), controller.supervisory_authority),
    )
