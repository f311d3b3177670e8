"""The list of sessions: what the client sees of them, and that ending one works at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory, Person
from alko.models import SignIn
from tests.portal import Portal


def ends(portal: Portal) -> list[str]:
    """Where the buttons that end one session send to."""
    forms = portal.get("/account/sessions").soup.select('main form[action$="/end"]')
    return [str(form["action"]) for form in forms]


def alive(portal: Portal) -> bool:
    return portal.get("/my-data", follow=False).status == 200


def test_each_session_is_listed_with_device_network_and_times(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    Factory().sign_in(person.id, device="iOS", browser="Mobile Safari", address="198.51.100.0")
    page = signed_in.get("/account/sessions")
    entries = [" ".join(one.get_text(" ").split()) for one in page.soup.select(".session")]
    assert len(entries) == 2
    (mine,) = [entry for entry in entries if "This one" in entry]
    assert "Firefox on Linux" in mine
    (other,) = [entry for entry in entries if entry != mine]
    assert "Mobile Safari on iOS" in other
    assert "198.51.100.0" in other
    assert "last seen" in other and "since" in other
    assert len(ends(signed_in)) == 1, "the present session is ended by signing out"


def test_ending_one_ends_that_one_at_once(app: Flask, signed_in: Portal, person: Person) -> None:
    second, third = Portal(app).enter(person.id), Portal(app).enter(person.id)
    first_end, second_end = ends(signed_in)
    page = signed_in.submit(first_end)
    assert page.address == "/account/sessions"
    assert "ended" in page.text
    assert sorted([alive(second), alive(third)]) == [False, True]
    assert ends(signed_in) == [second_end]
    assert alive(signed_in)


def test_ending_the_others_keeps_this_one(app: Flask, signed_in: Portal, person: Person) -> None:
    others = [Portal(app).enter(person.id) for _ in range(3)]
    signed_in.get("/account/sessions")
    page = signed_in.submit("/account/sessions/end-others")
    assert "Other sessions ended: 3" in page.text
    assert not any(alive(other) for other in others)
    assert alive(signed_in)
    assert page.soup.select_one('form[action$="end-others"]') is None
    assert "All other sessions were ended" in signed_in.get("/my-data/activity").main


def test_the_session_of_another_client_is_not_there(app: Flask, signed_in: Portal) -> None:
    stranger = Factory().client()
    theirs = Portal(app).enter(stranger.id)
    session = SignIn.objects(client=stranger.id).get()
    page = signed_in.post(f"/account/sessions/{session.pk}/end")
    assert page.status == 404
    assert alive(theirs)
    signed_in.post("/account/sessions/end-others")
    assert alive(theirs)


def test_a_session_ends_once(app: Flask, signed_in: Portal, person: Person) -> None:
    Portal(app).enter(person.id)
    (end,) = ends(signed_in)
    signed_in.submit(end)
    assert signed_in.post(end).status == 404


def test_what_is_no_session_is_not_found(signed_in: Portal) -> None:
    for name in ("x", str(ObjectId()), "0" * 23, "%00"):
        assert signed_in.post(f"/account/sessions/{name}/end").status == 404, name


def test_a_session_that_was_not_used_for_a_month_is_over(
    app: Flask, signed_in: Portal, person: Person
) -> None:
    forgotten = Portal(app).enter(person.id)
    old = datetime.now(UTC) - timedelta(days=31)
    newest = SignIn.objects(client=person.id).order_by("-id").first()
    SignIn.raw().update_one({"_id": newest.pk}, {"$set": {"last_seen_at": old}})
    assert not alive(forgotten)
    assert ends(signed_in) == [], "nobody is signed in there any more"


def test_an_old_session_among_many_newer_ones_can_be_ended(app: Flask, person: Person) -> None:
    """Sign-ins pile up, ended ones included; an open one must not fall off the list."""
    old = Portal(app).enter(person.id)
    factory = Factory()
    with factory.gathering():
        for _ in range(120):
            factory.sign_in(person.id, ended_at=factory.now)
    assert alive(old)
    portal = Portal(app).enter(person.id)
    (end,) = ends(portal)
    portal.submit(end)
    assert not alive(old)
