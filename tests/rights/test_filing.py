"""Filing and following a request, as the client does it."""

from __future__ import annotations

import pytest
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models.communication import Mail
from alko.privacy.door.access import Actor
from alko.privacy.rights import deadlines, requests
from alko.privacy.rights.catalogue import RIGHTS, Right
from tests.portal import Page, Portal
from tests.staffing import working_on

pytestmark = pytest.mark.promise("P34")
WORDS = "Please add what your carrier noted.\n<b>All</b> of it."


def filed(client: Portal, right: str = "access") -> str:
    client.get(f"/rights/{right}")
    client.submit(f"/rights/{right}", words=WORDS)
    page = client.submit(f"/rights/{right}", button="File the request")
    return page.address.rpartition("/")[2]


def test_the_six_are_explained_to_everybody(portal: Portal, client: Portal) -> None:
    for visitor in (portal, client):
        page = visitor.get("/rights")
        for right in Right:
            assert RIGHTS[right].text in page.main
            assert f"/rights/{right.value}" in page.links
        assert page.main.count("How long it takes") == 6


def test_answers_are_checked_before_anything_is_filed(client: Portal, person: Person) -> None:
    client.get("/rights/access")
    page = client.submit(words=WORDS)
    assert page.h1 == "Check your answers"
    assert WORDS.splitlines()[0] in page.main
    assert "No request" not in page.main
    assert "You have not filed any request." in client.get("/rights").main
    client.get("/rights/access")
    client.submit(words=WORDS)
    page = client.submit(button="Change it")
    assert page.form("/rights/access").data["words"].replace("\r", "") == WORDS


def test_a_request_is_filed_followed_and_withdrawn(client: Portal, person: Person) -> None:
    reference = filed(client)
    page = client.page
    assert isinstance(page, Page)
    assert reference in page.h1
    stored, _ = requests.read(person.id, Actor.client(person.id), reference)
    found = deadlines.deadline(stored.recorded_at)
    assert "30 days after receipt" in page.main
    assert str(found.due_at.year) in page.main
    assert "copy of an identity card" not in page.main
    assert Mail.raw().count_documents({"client": person.id, "kind": "request_received"}) == 1
    assert reference in client.get("/rights").main
    client.get(f"/rights/requests/{reference}")
    page = client.submit(f"/rights/requests/{reference}/message", body="And the photos.")
    assert "And the photos." in page.main
    page = client.submit(f"/rights/requests/{reference}/withdraw")
    assert "Withdrawn" in page.main
    assert not page.soup.select(f'form[action="/rights/requests/{reference}/message"]')


def test_an_empty_request_is_refused_and_long_text_is_kept(client: Portal) -> None:
    client.get("/rights/portability")
    page = client.submit(words="  ")
    assert page.status == 422
    assert page.errors == ["Write what you ask for"]
    page = client.submit(words="x" * 4_001)
    assert page.status == 422
    assert page.form("/rights/portability").data["words"] == "x" * 4_001


def test_a_refusal_names_the_reason_the_authority_and_the_court(
    client: Portal, person: Person
) -> None:
    reference = filed(client)
    why = "It would show data of somebody else."
    requests.refuse(person.id, working_on(reference), reference, why)
    page = client.get(f"/rights/requests/{reference}")
    assert why in page.main
    assert "supervisory authority" in page.main
    assert "court" in page.main
    page = client.post(f"/rights/requests/{reference}/withdraw")
    assert "can no longer be withdrawn" in page.text
    page = client.post(f"/rights/requests/{reference}/message", {"body": "But why?"})
    assert page.status in (200, 422)
    assert "file a new one" in page.text


def test_an_earlier_request_is_linked(client: Portal) -> None:
    first = filed(client, "correction")
    second = filed(client, "correction")
    assert first != second
    assert f"/rights/requests/{first}" in client.get(f"/rights/requests/{second}").links


def test_the_requests_of_others_are_not_there(app: Flask, client: Portal) -> None:
    reference = filed(client)
    stranger = Portal(app).enter(Factory().client().id)
    path = f"/rights/requests/{reference}"
    assert stranger.get(path).status == 404
    assert stranger.post(f"{path}/withdraw").status == 404
    assert stranger.post(f"{path}/message", {"body": "hello"}).status == 404
    assert stranger.get("/rights/requests/R-2026-NOBODY").status == 404
    assert stranger.get("/rights/nonsense").status == 404
    assert "Received" in client.get(path).main
