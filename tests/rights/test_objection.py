"""Objection: a switch per purpose, in effect with the same request (P30)."""

from __future__ import annotations

import pytest

from alko.demo.factories import Person
from alko.privacy.door.access import Actor
from alko.privacy.rights import choices, objection
from tests.portal import Portal

pytestmark = pytest.mark.promise("P30")


def test_each_purpose_has_a_switch_that_works_at_once(client: Portal, person: Person) -> None:
    me = Actor.client(person.id)
    for choice in ("marketing", "analytics"):
        choices.decide(person.id, me, choice, True)
    for purpose in objection.SWITCHES:
        client.get("/rights/objection")
        client.submit(f'form:has(input[value="{purpose}"])')
        assert objection.standing(person.id)[purpose] == "objected"
    assert not choices.granted(person.id, "marketing")
    assert not choices.granted(person.id, "analytics")
    assert client.get("/rights/objection").main.count("You objected") == 3
    assert "Profiling" in client.get("/my-data/consents").main


def test_another_purpose_is_refused(client: Portal) -> None:
    assert client.post("/rights/objection/switch", {"purpose": "tax"}).status == 400


@pytest.mark.promise("P5")
def test_the_signal_of_the_browser_is_recorded_once(portal: Portal, person: Person) -> None:
    choices.decide(person.id, Actor.client(person.id), "analytics", True)
    for _ in range(2):
        portal.get("/account/sign-in")
        portal.submit(
            "/account/sign-in",
            email=person.contact.email,
            password=person.password,
            headers={"Sec-GPC": "1"},
        )
        portal.sign_out()
    assert objection.standing(person.id)["analytics"] == "objected"
    page = Portal(portal.app).enter(person.id).get("/my-data/consents")
    assert page.main.count("Your browser's privacy signal") == 1
