"""Mail that is piped in: real, odd, broken and large; nothing is lost, nothing doubled (P32)."""

from __future__ import annotations

import base64
import dataclasses
import io
import os
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from alko.contact import attachments, ingest, mime
from alko.database.records import unsealed
from alko.models.activity import LedgerEntry
from alko.models.communication import Mail, Message
from alko.models.contact import Attachment, Case, Intake, IntakeCount
from alko.privacy.correspondence import case_mails, case_threads, cases
from alko.privacy.door.access import Actor
from alko.vault import Vault
from tests.contact import corpus
from tests.vault.inspection.making import png, scan

ENCODED = "Content-Transfer-Encoding: base64"


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def take_in(app: Flask, data: bytes, **more: Any) -> Intake:
    return ingest.take_in(io.BytesIO(data), app.config["ALKO"], **more)


def newest() -> Case:
    found: Case = Case.objects.order_by("-recorded_at", "-id").exclude("sealed").first()
    return found


def thread(case: Case) -> case_threads.Thread:
    return case_threads.read(Actor.client(case.client), case.reference)


def kept(vault: Vault, case: Case) -> bytes:
    """The source that is kept of the one mail of a case."""
    (source,) = Attachment.objects(reference=case.reference, kind="source")
    return b"".join(vault.read(source.vault_key, unsealed(source).vault_identity))


@pytest.mark.promise("P32")
@pytest.mark.parametrize(("name", "data", "words"), corpus.TEXTS, ids=lambda one: str(one)[:20])
def test_what_a_person_wrote_becomes_a_case(app: Flask, name: str, data: bytes, words: str) -> None:
    assert take_in(app, data) is Intake.OPENED
    found = thread(newest())
    assert words in found.messages[0].values["body"], name
    assert "@mail.example" in found.details.email
    assert not found.case.unreadable


@pytest.mark.promise("P32")
@pytest.mark.parametrize(("name", "data", "lost"), corpus.LEFT_OUT, ids=lambda one: str(one)[:20])
def test_what_is_not_in_the_case_is_in_the_kept_source(
    app: Flask, vault: Vault, name: str, data: bytes, lost: bytes
) -> None:
    assert take_in(app, data) is Intake.OPENED
    content = kept(vault, newest())
    assert content == data, name
    assert lost in content


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-2022-jp"])
def test_of_a_mail_that_is_all_in_its_case_nothing_more_is_kept(app: Flask, charset: str) -> None:
    text = "個人情報" if charset == "iso-2022-jp" else "Größe"
    for data in (corpus.encoded(text, charset), corpus.alternative(text, f"<b>{text}</b>")):
        take_in(app, data)
        assert not Attachment.objects(reference=newest().reference)


@pytest.mark.parametrize(("name", "more", "subject", "writer"), corpus.HEADERS)
def test_headers_are_read_as_they_are_meant(
    app: Flask, name: str, more: dict[str, str], subject: str, writer: str
) -> None:
    take_in(app, corpus.mail(**more))
    details = thread(newest()).details
    assert (details.subject, details.name) == (subject, writer), name


@pytest.mark.parametrize(("parameter", "name"), corpus.NAMES)
def test_names_of_files_are_read_as_they_are_meant(app: Flask, parameter: str, name: str) -> None:
    disposition = f"Content-Disposition: attachment; {parameter}"
    file = corpus.part("image/png", base64.b64encode(png()), disposition, ENCODED)
    take_in(app, corpus.headers() + corpus.parts("mixed", corpus.part("text/plain", "x"), file))
    (rows,) = thread(newest()).files.values()
    assert [row.values["filename"] for row in rows if row.values["kind"] == "file"] == [name]


@pytest.mark.promise("P32")
@pytest.mark.parametrize(("name", "data"), corpus.UNREADABLE, ids=lambda one: str(one)[:20])
def test_what_cannot_be_read_is_kept_for_a_person(
    app: Flask, vault: Vault, name: str, data: bytes
) -> None:
    unlike = data + os.urandom(4).hex().encode()
    assert take_in(app, unlike) in (Intake.UNREADABLE, Intake.OPENED)
    case = newest()
    assert case.unreadable
    assert kept(vault, case) == unlike
    assert not Mail.objects(about=case.reference), "there is nobody to write to"


@pytest.mark.parametrize(("name", "more"), corpus.AUTOMATIC, ids=lambda one: str(one)[:20])
def test_what_a_machine_wrote_is_counted_and_let_go(
    app: Flask, name: str, more: dict[str, str]
) -> None:
    before = Case.objects.count(), counted()
    assert take_in(app, corpus.mail(**more)) is Intake.AUTOMATIC
    assert (Case.objects.count(), counted()) == (before[0], before[1] + 1)
    assert take_in(app, corpus.mail(), envelope_sender="<>") is Intake.AUTOMATIC


@pytest.mark.promise("P32")
@pytest.mark.parametrize(("name", "more"), corpus.UNANSWERED, ids=lambda one: str(one)[:20])
def test_what_a_group_or_a_list_passes_on_is_a_case_without_a_receipt(
    app: Flask, name: str, more: dict[str, str]
) -> None:
    assert take_in(app, corpus.mail(**more)) is Intake.OPENED, name
    found = thread(newest())
    assert corpus.PLAIN in found.messages[0].values["body"]
    case_mails.tell_all()
    assert not Mail.objects(about=found.case.reference), "not later either"


@pytest.mark.promise("P32")
@pytest.mark.parametrize("said", [None, "", "ana@mail.example", "<ana@mail.example>"])
def test_a_sender_that_the_mail_server_does_not_say_is_not_nobody(
    app: Flask, said: str | None
) -> None:
    assert take_in(app, corpus.mail(), envelope_sender=said) is Intake.OPENED


def counted() -> int:
    found = IntakeCount.objects(outcome="automatic").first()
    return found.count if found else 0


@pytest.mark.promise("P35")
@pytest.mark.parametrize(
    "subject", ["URGENT - Privacy Request", "urgent–privacy", "=?utf-8?q?Re:_U_r_G_e_n_T!?="]
)
def test_an_urgent_subject_has_its_own_way(app: Flask, subject: str) -> None:
    take_in(app, corpus.mail(subject=subject))
    case = newest()
    assert case.urgent
    assert [one.kind for one in Mail.objects(about=case.reference)] == ["case_urgent"]


def test_the_same_mail_twice_is_taken_in_once(app: Flask) -> None:
    data = corpus.with_files({"a.exe": b"MZ" + os.urandom(20)})
    assert take_in(app, data) is Intake.OPENED
    case = newest()
    assert take_in(app, data) is Intake.REPEATED
    assert newest().pk == case.pk
    assert Message.objects(reference=case.reference).count() == 1
    assert Attachment.objects(reference=case.reference, kind="file").count() == 1
    assert Mail.objects(about=case.reference).count() == 1


@pytest.mark.promise("P32")
@pytest.mark.parametrize(
    "other",
    [
        corpus.mail("Two", number="<n@x>", sender="a@mail.example"),
        corpus.mail("One", number="<n@x>", sender="a@mail.example", subject="Another"),
        corpus.with_files({"b.exe": b"MZ"}, number="<n@x>", sender="a@mail.example"),
        corpus.mail("One", number="<n@x>", sender="b@mail.example"),
    ],
    ids=["text", "subject", "file", "sender"],
)
def test_other_content_under_the_same_number_is_another_mail(app: Flask, other: bytes) -> None:
    first, unlike = corpus.mail("One", number="<n@x>", sender="a@mail.example"), os.urandom(4).hex()
    for data in (first, other):
        assert take_in(app, data + unlike.encode()) is Intake.OPENED


def test_what_servers_add_makes_no_other_mail(app: Flask) -> None:
    data = corpus.mail(f"Once {os.urandom(4).hex()}")
    added = b"Received: from a by b;\r\n\tTue, 24 Nov 2026 10:00:09 +0000\r\nX-Spam-Score: 1\r\n"
    again = b"From ana@mail.example Tue Nov 24 10:00:00 2026\n" + added + data + b"\n"
    assert take_in(app, data) is Intake.OPENED
    assert take_in(app, again) is Intake.REPEATED
    assert take_in(app, data.replace(b"\n", b"\r\n")) is Intake.REPEATED


def test_files_are_inspected_and_refused_ones_are_named(app: Flask, vault: Vault) -> None:
    take_in(app, corpus.with_files({"paper.pdf": scan(), "virus.exe": b"MZ\x00"}))
    found = thread(newest())
    (files,) = found.files.values()
    by_name = {row.values["filename"]: row for row in files}
    assert by_name["virus.exe"].values["refusal"] == "type_unknown"
    kept = Attachment.objects.get(id=by_name["paper.pdf"].id)
    assert b"".join(vault.read(kept.vault_key, unsealed(kept).vault_identity)).startswith(b"%PDF")


class TestReplies:
    @pytest.fixture
    def sender(self) -> str:
        return f"ana-{os.urandom(4).hex()}@mail.example"

    @pytest.fixture
    def case(self, app: Flask, sender: str) -> Case:
        take_in(app, corpus.mail(sender=sender))
        return newest()

    def test_by_the_reference_in_the_subject(self, app: Flask, case: Case, sender: str) -> None:
        answer = corpus.mail(sender=f"Ana <{sender.upper()}>", subject=f"Re: {case.reference} ok")
        assert take_in(app, answer) is Intake.REPLIED
        assert len(thread(case).messages) == 2

    def test_by_the_mail_that_it_answers(self, app: Flask, case: Case, sender: str) -> None:
        ours = Mail.objects(about=case.reference).first()
        answer = corpus.mail(sender=sender, In_Reply_To=f"<{ours.pk}@alkocars.com>")
        assert take_in(app, answer) is Intake.REPLIED

    def test_by_the_last_of_many_references(self, app: Flask, case: Case, sender: str) -> None:
        ours = Mail.objects(about=case.reference).first()
        others = "".join(f"<{os.urandom(16).hex()}@mail.example>\n " for _ in range(300))
        answer = corpus.mail(sender=sender, References=f"{others}<{ours.pk}@alkocars.com>")
        assert take_in(app, answer) is Intake.REPLIED

    @pytest.mark.promise("P12")
    def test_another_sender_opens_a_case_of_their_own(self, app: Flask, case: Case) -> None:
        answer = corpus.mail(sender="eve@mail.example", subject=case.reference)
        assert take_in(app, answer) is Intake.OPENED
        assert len(thread(case).messages) == 1
        assert newest().pk != case.pk

    def test_our_own_mail_that_comes_back_is_let_go(self, app: Flask, case: Case) -> None:
        ours = Mail.objects(about=case.reference).first()
        back = corpus.mail(number=f"<{ours.pk}@alkocars.com>")
        assert take_in(app, back) is Intake.AUTOMATIC


CRASHES = [
    (case_mails, "notify_about"),
    (cases, "save_together"),
    (attachments, "_save"),
    (ingest, "_keep_files"),
    (ingest, "_counted"),
]


@pytest.mark.promise("P32")
@pytest.mark.parametrize(("module", "name"), CRASHES, ids=lambda one: getattr(one, "__name__", one))
def test_a_mail_whose_taking_in_was_killed_is_completed_by_the_next_try(
    app: Flask, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    data = corpus.with_files({"virus.exe": b"MZ\x00", "paper.pdf": scan()})
    with monkeypatch.context() as crash:
        crash.setattr(module, name, lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            take_in(app, data)
    take_in(app, data)
    case = newest()
    assert Message.objects(reference=case.reference).count() == 1
    assert Attachment.objects(reference=case.reference, kind="file").count() == 2
    assert Mail.objects(about=case.reference).count() == 1
    assert LedgerEntry.objects(client=case.client, event="case.opened").count() <= 2


def test_a_mail_that_is_too_large_is_kept_whole(app: Flask, vault: Vault) -> None:
    big = corpus.with_files({"film.mov": os.urandom(300_000)}) + b"\n" * 40
    narrow = dataclasses.replace(app.config["ALKO"], max_mail_bytes=100_000)
    assert ingest.take_in(io.BytesIO(big), narrow) is Intake.OPENED
    found = thread(newest())
    assert corpus.PLAIN in found.messages[0].values["body"]
    assert kept(vault, found.case) == big


def test_twenty_megabytes_are_taken_apart(app: Flask) -> None:
    data = corpus.with_files({f"{n}.bin": bytes(7_000_000) for n in range(2)})
    assert len(data) > 18_000_000
    assert take_in(app, data) is Intake.OPENED
    assert Attachment.objects(reference=newest().reference, kind="file").count() == 2


SEEDS = [data for _, data, _ in corpus.TEXTS] + [data for _, data in corpus.UNREADABLE]


PIECES = [
    *(b"", b"\x00", b"\xff\xfe", b"\n\n", b"--b\n", b"=?", b"?=", b'"', b"<", b";", b"\r"),
    *(b"Content-Type: message/rfc822\n\n", b"charset=idna\n", b"=?utf-7?q?+?="),
]


@st.composite
def broken_mails(draw: st.DrawFn) -> bytes:
    """A mail of the corpus with bytes cut out, put in, changed or repeated."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        piece = draw(st.sampled_from(PIECES))
        data[at : at + length] = piece * draw(st.integers(1, 3))
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(broken_mails())
def test_nothing_breaks_the_parser(data: bytes) -> None:
    try:
        _, parsed = mime.parse(data)
    except mime.Unreadable:
        return
    for text in (parsed.body, parsed.subject, parsed.name, *(f.name for f in parsed.files)):
        assert "\x00" not in text
        text.encode()
    assert len(parsed.body) <= mime.LONGEST_BODY


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(broken_mails())
def test_nothing_that_comes_is_lost(app: Flask, data: bytes) -> None:
    outcome = take_in(app, data)
    if outcome is not Intake.AUTOMATIC:
        assert take_in(app, data) is Intake.REPEATED


SHOWN = [data for _, data, _ in corpus.TEXTS if b"text/html" not in data]
"""Of HTML much is not meant to be read: scripts, addresses, names of elements."""


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SHOWN), st.floats(0, 1), st.sampled_from([b"Wi!sh", b"\nWi!sh\n"]))
def test_a_word_anywhere_is_shown_or_its_source_is_kept(
    data: bytes, place: float, word: bytes
) -> None:
    head, end, body = data.partition(b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n")
    at = round(place * len(body))
    line = body[body.rfind(b"\n", 0, at) + 1 :]
    assume(not line.startswith(b"Content-"))
    _, parsed = mime.parse(head + end + body[:at] + word + body[at:])
    # Of a file that is refused the source is kept as well.
    assert parsed.doubtful or parsed.files or "Wi!sh" in parsed.body
