"""Technical information (policy, section 2, fourth part)."""

from __future__ import annotations

from alko.privacy.inventory.common import sealed_housekeeping
from alko.privacy.inventory.types import Category, Field, Group, Kind
from alko.privacy.lifecycle.retention import Retention
from alko.privacy.vocabulary import Basis, Purpose, Source
from alko.words import N_

SIGN_INS = Category(
    slug="sign-ins",
    label=N_("Sign-ins and devices"),
    group=Group.TECHNICAL,
    model="SignIn",
    summary=N_("IP address (truncated), browser type and device information of each sign-in"),
    purposes=(Purpose.SECURITY,),
    basis=Basis.LEGITIMATE_INTEREST,
    source=Source.BROWSER,
    retention=Retention.TECHNICAL,
    fields=(
        *sealed_housekeeping(N_("Signed in on")),
        Field(path="last_seen_at", label=N_("Last seen"), kind=Kind.MOMENT, source=Source.PORTAL),
        Field(path="ended_at", label=N_("Ended on"), kind=Kind.MOMENT, source=Source.PORTAL),
        Field(path="state", label=N_("State"), kind=Kind.CODE, source=Source.PORTAL),
        Field(path="sealed.address", label=N_("IP address, truncated")),
        Field(path="sealed.device", label=N_("Device")),
        Field(path="sealed.browser", label=N_("Browser")),
        Field(
            path="analytics",
            label=N_("Usage analysis allowed in this session"),
            kind=Kind.FLAG,
            source=Source.CLIENT,
        ),
        Field(
            path="policy_unread",
            label=N_("A newer privacy policy waits to be read"),
            kind=Kind.FLAG,
            source=Source.PORTAL,
        ),
        Field(path="erasure_at", label=N_("When a deletion begins"), kind=Kind.INTERNAL),
        Field(path="token_hash", label=N_("Hash of the session's token"), kind=Kind.INTERNAL),
        Field(path="device_index", label=N_("Keyed hash of the device"), kind=Kind.INTERNAL),
    ),
)

USAGE = Category(
    slug="usage",
    label=N_("Usage data"),
    group=Group.TECHNICAL,
    model="PageView",
    summary=N_("Usage data and website analytics, recorded only after you opted in"),
    purposes=(Purpose.IMPROVEMENT,),
    basis=Basis.CONSENT,
    source=Source.BROWSER,
    retention=Retention.TECHNICAL,
    fields=(
        *sealed_housekeeping(N_("Seen on")),
        Field(path="sealed.page", label=N_("Page"), kind=Kind.CODE),
        Field(path="sealed.address", label=N_("IP address, truncated")),
        Field(path="sealed.browser", label=N_("Browser")),
    ),
)

CONSENTS = Category(
    slug="consents",
    label=N_("Choices and cookies"),
    group=Group.TECHNICAL,
    model="Consent",
    summary=N_("Cookies and similar technologies: what you allowed, and when"),
    purposes=(Purpose.LEGAL,),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.CLIENT,
    retention=Retention.MARKETING,
    fields=(
        *sealed_housekeeping(N_("Decided on")),
        Field(path="choice", label=N_("About"), kind=Kind.CODE),
        Field(path="granted", label=N_("Allowed"), kind=Kind.FLAG),
        Field(path="sealed.wording", label=N_("The words you saw"), source=Source.PORTAL),
        Field(path="sealed.given_through", label=N_("Given through"), kind=Kind.CODE),
    ),
)

TECHNICAL = (SIGN_INS, USAGE, CONSENTS)
