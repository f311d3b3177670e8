"""The mail desk: what was not delivered is tried again or given up; no address is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from flask import Flask

from alko.demo.factories import Factory
from alko.mail import outage, outbox
from alko.mail.kinds import MailKind
from alko.models import Mail
from tests.portal import Portal


@pytest.fixture
def client(app: Flask) -> Iterator[ObjectId]:
    """A client, and no mail but what the test writes."""
    person = Factory().client()
    Mail.raw().delete_many({})
    yield person.id
    Mail.raw().delete_many({})


def test_undelivered_mail_is_retried_or_given_up_without_its_address(
    client: ObjectId, administrator: Portal
) -> None:
    assert "Every mail found its way" in administrator.get("/staff/mail").main
    letters = [
        outbox.write(MailKind.NEW_DEVICE, client, "gone@example.test", {"link": "/"})
        for _ in range(2)
    ]
    Mail.raw().update_many({}, {"$set": {"status": "dead"}})
    page = administrator.get("/staff/mail")
    assert str(client) in page.main and "gone@example.test" not in page.html
    administrator.submit(f"/staff/mail/{letters[0]}/retry")
    administrator.submit(f"/staff/mail/{letters[1]}/drop")
    found = {one["_id"]: one["status"] for one in Mail.raw().find({})}
    assert found == {letters[0]: "queued", letters[1]: "dropped"}
    assert administrator.post(f"/staff/mail/{letters[0]}/drop").status == 404


def test_all_undelivered_mails_of_a_kind_are_tried_again_at_once(
    client: ObjectId, administrator: Portal
) -> None:
    kinds = (MailKind.POLICY_CHANGED, MailKind.POLICY_CHANGED, MailKind.NEW_DEVICE)
    letters = [outbox.write(kind, client, "gone@example.test", {"link": "/"}) for kind in kinds]
    Mail.raw().update_many({}, {"$set": {"status": "dead", "attempts": 8}})
    before = {one["_id"]: one["revision"] for one in Mail.raw().find({})}
    page = administrator.get("/staff/mail")
    assert "Try all 2 mails of this kind again" in page.html
    page = administrator.post("/staff/mail/retry-all", {"kind": "policy_changed"})
    assert "2 mails are queued again" in page.text
    found = {one["_id"]: one for one in Mail.raw().find({})}
    assert [found[one]["status"] for one in letters] == ["queued", "queued", "dead"]
    assert [found[one]["attempts"] for one in letters] == [0, 0, 8]
    soon = datetime.now(UTC) + timedelta(seconds=1)
    assert all(found[one]["next_attempt_at"] < soon for one in letters[:2])
    assert [found[one]["revision"] - before[one] for one in letters] == [1, 1, 0]
    assert administrator.post("/staff/mail/retry-all", {"kind": "policy_changed"}).status == 404
    assert administrator.post("/staff/mail/retry-all", {}).status == 404


def test_staff_are_told_that_the_mail_server_is_away(
    client: ObjectId, administrator: Portal
) -> None:
    outage.note(datetime.now(UTC))
    try:
        assert "has not been reached since" in administrator.get("/staff/mail").main
        assert "has not been reached since" in administrator.get("/staff").main
    finally:
        outage.over()
    assert "has not been reached since" not in administrator.get("/staff/mail").main
    assert "has not been reached since" not in administrator.get("/staff").main
