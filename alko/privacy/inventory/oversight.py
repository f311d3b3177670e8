"""How ALKO watches over itself: alerts, the register of breaches, and who was told of one."""

from __future__ import annotations

from alko.privacy.inventory.common import housekeeping, sealed_housekeeping
from alko.privacy.inventory.types import Category, Field, Group, Kind
from alko.privacy.lifecycle.retention import Retention
from alko.privacy.vocabulary import Basis, Purpose, Source
from alko.words import N_

BREACH_NOTICES = Category(
    slug="breaches",
    label=N_("Breaches that reached your data"),
    group=Group.ACCOUNTABILITY,
    model="BreachNotice",
    summary=N_(
        "That your data was reached by somebody who had no right to it, and when we said so"
    ),
    purposes=(Purpose.LEGAL, Purpose.COMMUNICATION),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.PORTAL,
    retention=Retention.ACCOUNT,
    fields=(
        *housekeeping(N_("Told on")),
        Field(path="reference", label=N_("Reference")),
        Field(path="breach", label=N_("Number of the breach"), kind=Kind.INTERNAL),
    ),
)

ALERTS = Category(
    slug="alerts",
    label=N_("Alerts"),
    group=Group.STAFF,
    model="Alert",
    summary=N_("Unusual access to data, and what a person found who looked into it"),
    purposes=(Purpose.SECURITY, Purpose.LEGAL),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.PORTAL,
    retention=Retention.OVERSIGHT,
    of_client=False,
    fields=(
        *housekeeping(N_("Seen at")),
        Field(path="cause", label=N_("Cause"), kind=Kind.CODE),
        Field(path="kind", label=N_("Kind"), kind=Kind.CODE),
        Field(path="member", label=N_("Number of the member of staff"), kind=Kind.CODE),
        Field(path="about", label=N_("Number of the client"), kind=Kind.CODE),
        Field(path="count", label=N_("How many"), kind=Kind.NUMBER),
        Field(path="acknowledged_at", label=N_("Acknowledged on"), kind=Kind.MOMENT),
        Field(
            path="acknowledged_by",
            label=N_("Acknowledged by"),
            kind=Kind.CODE,
            source=Source.STAFF,
        ),
        Field(path="outcome", label=N_("Outcome"), kind=Kind.CODE, source=Source.STAFF),
        Field(path="sealed.note", label=N_("Note"), source=Source.STAFF),
    ),
)

BREACHES = Category(
    slug="breach_register",
    label=N_("Register of breaches"),
    group=Group.STAFF,
    model="Breach",
    summary=N_("Breaches of personal data: the facts, the effects, and what was done"),
    purposes=(Purpose.LEGAL, Purpose.SECURITY),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.STAFF,
    retention=Retention.OVERSIGHT,
    of_client=False,
    fields=(
        *sealed_housekeeping(N_("Entered on")),
        Field(path="reference", label=N_("Reference"), source=Source.PORTAL),
        Field(path="discovered_at", label=N_("Discovered at"), kind=Kind.MOMENT),
        Field(path="began_at", label=N_("Began at"), kind=Kind.MOMENT),
        Field(path="ended_at", label=N_("Ended at"), kind=Kind.MOMENT),
        Field(path="everybody", label=N_("All clients"), kind=Kind.FLAG),
        Field(path="member", label=N_("Number of the member of staff"), kind=Kind.CODE),
        Field(path="categories", label=N_("Categories of data"), kind=Kind.LIST),
        Field(path="authority_told_at", label=N_("Authority told on"), kind=Kind.MOMENT),
        Field(
            path="authority_spared_at",
            label=N_("Decided not to tell the authority on"),
            kind=Kind.MOMENT,
        ),
        Field(path="statement", label=N_("Text for the clients"), kind=Kind.INTERNAL),
        Field(path="clients_told_at", label=N_("Clients told on"), kind=Kind.MOMENT),
        Field(
            path="clients_spared_at",
            label=N_("Decided not to tell the clients on"),
            kind=Kind.MOMENT,
        ),
        Field(path="telling", label=N_("Telling about to begin"), kind=Kind.INTERNAL),
        Field(path="closed_at", label=N_("Closed on"), kind=Kind.MOMENT),
        Field(path="sealed.happened", label=N_("What happened")),
        Field(path="sealed.effects", label=N_("Effects")),
        Field(path="sealed.measures", label=N_("Measures")),
        Field(path="sealed.to_authority", label=N_("About telling the authority")),
        Field(path="sealed.to_clients", label=N_("About telling the clients")),
    ),
)

OVERSIGHT = (ALERTS, BREACHES)
