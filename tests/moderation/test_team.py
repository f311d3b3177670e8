"""The administrators' desks: the team, and how the portal is set up (P12)."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator

import pytest
from bson import ObjectId
from flask import Flask

from alko.models.activity import LedgerEntry
from alko.models.communication import Mail
from alko.models.staff import StaffMember, StaffRole, StaffStatus
from alko.moderation.settings import reading
from alko.privacy.door.access import Actor
from alko.privacy.identity import team
from config import Settings
from tests.portal import Portal
from tests.staffing import at_the_desk, member_of_staff

pytestmark = pytest.mark.promise("P12")


@pytest.fixture
def alone(app: Flask) -> Iterator[ObjectId]:
    """The only administrator there is, while the test runs."""
    member = member_of_staff(StaffRole.ADMINISTRATOR)
    active = {"role": StaffRole.ADMINISTRATOR.value, "status": StaffStatus.ACTIVE.value}
    others = [one["_id"] for one in StaffMember.raw().find(active) if one["_id"] != member]
    away = {"$set": {"status": StaffStatus.INVITED.value}}
    StaffMember.raw().update_many({"_id": {"$in": others}}, away)
    yield member
    back = {"$set": {"status": StaffStatus.ACTIVE.value}}
    StaffMember.raw().update_many({"_id": {"$in": others}}, back)


def test_somebody_is_invited_and_seen_in_the_list(administrator: Portal) -> None:
    email = f"{ObjectId()}@staff.example"
    administrator.get("/staff/team/invite")
    page = administrator.submit(full_name="New Hand", email="nobody", role="agent")
    assert page.status == 422 and page.form().data["full_name"] == "New Hand"
    page = administrator.submit(email=email)
    assert page.address == "/staff/team" and "/staff/join/" not in page.html
    member = StaffMember.objects.get(email_index=team.staff.accounts.email_index(email))
    assert Mail.objects(client=member.pk, kind="staff_invitation").count() == 1
    page = administrator.get(f"/staff/team/{member.pk}")
    assert page.h1 == "New Hand" and email in page.main and "Invited" in page.main
    page = administrator.submit(f"/staff/team/{member.pk}/invite")
    assert Mail.objects(client=member.pk, kind="staff_invitation").count() == 2
    administrator.get("/staff/team/invite")
    page = administrator.submit(full_name="New Hand", email=email.upper(), role="officer")
    assert page.status == 422 and "already" in page.errors[0]
    read = LedgerEntry.raw().find({"client": member.pk, "event": "staff.read"})
    assert {one["actor"] for one in read} >= {"staff:administrator"}


def test_access_ends_with_typed_words_and_the_work_goes_back(
    app: Flask, administrator: Portal
) -> None:
    member = member_of_staff(StaffRole.OFFICER)
    portal = at_the_desk(app, StaffRole.OFFICER, member)
    path = f"/staff/team/{member}"
    administrator.get(path)
    page = administrator.submit(f"{path}/end", phrase="end")
    assert page.status == 422 and page.form(f"{path}/end").data["phrase"] == "end"
    assert portal.get("/staff", follow=False).status == 200
    page = administrator.submit(f"{path}/end", phrase="End  Access")
    assert page.address == "/staff/team"
    assert portal.get("/staff", follow=False).status == 303
    page = administrator.get(path)
    assert "Left" in page.main and f"{path}/role" not in page.html
    administrator.submit(f"{path}/invite")
    assert StaffMember.objects.get(id=member).status == StaffStatus.INVITED
    assert StaffMember.objects.get(id=member).erase_after is None


def test_a_role_is_changed_by_a_colleague_only(
    app: Flask, administrator: Portal, members: dict[StaffRole, ObjectId]
) -> None:
    member = member_of_staff(StaffRole.AGENT)
    administrator.get(f"/staff/team/{member}")
    administrator.submit(f"/staff/team/{member}/role", role="administrator")
    assert StaffMember.objects.get(id=member).role == StaffRole.ADMINISTRATOR
    own = f"/staff/team/{members[StaffRole.ADMINISTRATOR]}"
    assert f"{own}/role" not in administrator.get(own).html
    for path, fields in (("role", {"role": "agent"}), ("end", {"phrase": "end access"})):
        page = administrator.post(f"{own}/{path}", fields)
        assert page.status == 422
        assert page.errors == ["Another administrator has to do this for you."]


def test_the_last_administrator_stays(app: Flask, alone: ObjectId) -> None:
    other = member_of_staff(StaffRole.ADMINISTRATOR)
    operator = Actor.operator()
    results: list[bool] = []

    def leave(member: ObjectId) -> None:
        with app.app_context():
            try:
                team.change_role(operator, member, StaffRole.AGENT)
            except team.LastAdministrator:
                results.append(False)
            else:
                results.append(True)

    both = [threading.Thread(target=leave, args=(one,)) for one in (alone, other)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(results) == [False, True], "of two at once one stays"
    [last] = [one for one, _ in team.staff.active(StaffRole.ADMINISTRATOR)]
    with pytest.raises(team.LastAdministrator):
        team.end_access(operator, last)
    portal = at_the_desk(app, StaffRole.ADMINISTRATOR, last)
    portal.get(f"/staff/team/{last}")
    page = portal.post(f"/staff/team/{last}/invite", {})
    assert page.status == 422 and "only administrator" in page.main


def test_no_secret_is_on_the_page_of_settings(app: Flask, administrator: Portal) -> None:
    page = administrator.get("/staff/settings")
    assert "Not yet provided" in page.main and "ALKO_CONTROLLER_ADDRESS" in page.main
    settings: Settings = app.config["ALKO"]
    secrets = {
        "secret_key": settings.secret_key,
        "smtp_url": "smtps://someone:hidden-one@mail.example",
        "cloudinary_url": "cloudinary://key:hidden-two@cloudname",
        "kms_providers": '{"aws": {"secretAccessKey": "hidden-three"}}',
        "mongodb_uri": "mongodb://u:hidden-four@db.example/?tls=true",
        "carrier_secrets": '{"carrier": "hidden-five"}',
        "metrics_token": "hidden-six",
    }
    assert settings.secret_key not in page.html and settings.blind_index_key not in page.html
    lines = reading.in_use(dataclasses.replace(settings, **secrets))
    assert "hidden" not in str(lines) and settings.secret_key not in str(lines)
    assert {"mail.example", "cloudname", "aws", "carrier"} <= {line.value for line in lines}


@pytest.mark.parametrize(
    ("uri", "words", "good"),
    [
        ("", "On this machine", True),
        ("mongodb://u:p@127.0.0.1:27017/?replicaSet=rs", "On this machine", True),
        ("mongodb://127.0.0.1,db.example/?tls=true", "Over TLS", True),
        ("mongodb+srv://u:p@db.example/", "Over TLS", True),
        ("mongodb+srv://u:p@db.example/?tls=false", "Elsewhere, without TLS", False),
        ("mongodb://localhost.db.example/", "Elsewhere, without TLS", False),
    ],
)
def test_the_page_of_settings_says_how_the_database_is_reached(
    app: Flask, uri: str, words: str, good: bool
) -> None:
    settings = dataclasses.replace(app.config["ALKO"], mongodb_uri=uri)
    line = next(one for one in reading.in_use(settings) if one.label == "Database")
    assert (line.words, line.good) == (words, good)


def test_the_page_of_settings_says_to_which_key_backups_are_made(app: Flask) -> None:
    settings: Settings = app.config["ALKO"]
    trial, own = (
        next(one for one in reading.in_use(one) if one.label == "Backups")
        for one in (settings, dataclasses.replace(settings, backup_recipient="age1…"))
    )
    assert "trial key" in trial.words and trial.value and not trial.good
    assert "kept elsewhere" in own.words and own.good
