"""What staff typed is not lost either when their session ends: in any form of any desk."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyotp
import pytest
from bson import ObjectId
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from alko.demo.accounts import PASSWORD, TOTP_SECRET
from alko.demo.everything import everything_about
from alko.demo.factories import Factory
from alko.models.staff import StaffRole
from alko.privacy.door import assignments
from alko.privacy.door.access import Actor
from alko.vault.access import vault_of
from alko.web.typed import ACTION, MARK
from tests.moderation.test_others import references
from tests.portal import Portal
from tests.staffing import at_the_desk, member_of_staff
from tests.web_forms import typed_into

WORDS = "Typed <a while>"


@pytest.fixture(scope="module", params=[StaffRole.OFFICER, StaffRole.ADMINISTRATOR])
def member(request: pytest.FixtureRequest, app: Flask) -> tuple[StaffRole, ObjectId]:
    """Somebody who has every work item of a client in hand, where their role allows it."""
    found = member_of_staff(request.param)
    if request.param is StaffRole.OFFICER:
        made = everything_about(Factory("mine, and open", vault=vault_of(app.config["ALKO"])))
        Factory("another order").order(made.person.id)
        for reference in references(made.person.id):
            assignments.take(Actor.staff(found, StaffRole.OFFICER), reference)
    return request.param, found


def test_no_form_of_any_desk_loses_what_was_typed(
    app: Flask, member: tuple[StaffRole, ObjectId]
) -> None:
    tried = {}
    for address, action in forms(at_the_desk(app, *member)):
        endpoint = endpoint_of(app, action)
        if endpoint not in tried and endpoint != "moderation.sign_out":
            tried[endpoint] = carried(at_the_desk(app, *member), address, action)
    assert sum(tried.values()) >= (15 if member[0] is StaffRole.OFFICER else 2), tried


def carried(portal: Portal, address: str, action: str) -> bool:
    """Send the form after the session ended: the sign-in holds it. False: nothing is typed."""
    form = portal.get(address).form(f'form[action="{action}"]')
    sent = typed_into(form, WORDS)
    typed = MultiDict([(n, v) for n, v in sent.items(multi=True) if "password" not in n])
    if not typed or form.element.get("enctype"):
        return False
    end_session(portal)
    sent["csrf_token"] = form.data["csrf_token"]
    page = portal.post(action, sent)
    assert page.address.startswith("/staff") and page.h1 == "Staff sign-in", action
    kept = page.form("/staff/sign-in").data
    for name in typed:
        assert kept.getlist(MARK + name) == typed.getlist(name), (action, name)
    assert kept[ACTION] == action
    return True


def test_it_comes_back_after_both_factors(app: Flask) -> None:
    email = f"{ObjectId()}@staff.example"
    made = Factory(email).staff_member(StaffRole.OFFICER, email, "Some Body", TOTP_SECRET)
    portal = at_the_desk(app, StaffRole.OFFICER, ObjectId(made.pk))
    portal.get("/staff/breaches/new")
    end_session(portal)
    portal.submit("/staff/breaches/new", happened=WORDS)
    portal.submit("/staff/sign-in", email=email, password=PASSWORD)
    page = portal.submit(code=pyotp.TOTP(TOTP_SECRET).now())
    assert page.form("/staff/breaches/new").data["happened"] == WORDS


def end_session(portal: Portal) -> None:
    with portal.client.session_transaction(base_url="http://localhost") as session:
        session["staff"] = "ended"


def endpoint_of(app: Flask, path: str) -> str:
    return str(app.url_map.bind("localhost").match(urlsplit(path).path, method="POST")[0])


def forms(portal: Portal) -> list[tuple[str, str]]:
    """One page of each kind, reached by links, with the addresses of its forms."""
    adapter = portal.app.url_map.bind("localhost")
    waiting, known, found = ["/staff", "/staff/orders?view=mine"], set(), []
    while waiting:
        address = waiting.pop(0)
        try:
            kind, values = adapter.match(urlsplit(address).path)
        except HTTPException:
            continue
        key = (kind, values.get("decision"), "view=mine" in address)
        if key in known or not address.startswith("/staff"):
            continue
        known.add(key)
        page = portal.get(address)
        if page.content_type != "text/html" or page.status != 200:
            continue
        found += [
            (address, str(form["action"])) for form in page.soup.select("main form[method=post]")
        ]
        waiting += page.links
    return found
