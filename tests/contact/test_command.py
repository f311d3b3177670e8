"""``contact ingest`` as a mail server runs it: exit codes it knows, and never a traceback (P32)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from alko.models.contact import Case
from alko.privacy.correspondence import case_threads
from alko.privacy.door.access import Actor
from config import Settings
from tests.contact import corpus

ROOT = Path(__file__).resolve().parents[2]


def pipe(
    settings: Settings, data: bytes, *arguments: str, **changed: str
) -> subprocess.CompletedProcess[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "ALKO_ENV": "development",
        "ALKO_INSTANCE": str(settings.instance),
        "ALKO_DATABASE": settings.database,
        "ALKO_KEY_VAULT_DATABASE": settings.key_vault_database,
        "MONGODB_URI": settings.mongodb_uri,
        **changed,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "contact", "ingest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, input=data, capture_output=True)


@pytest.mark.promise("P32")
def test_a_mail_from_the_mail_server_becomes_a_case(app: Flask, settings: Settings) -> None:
    done = pipe(settings, corpus.mail("Where is my car?", sender="piped@mail.example"))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"opened\n", b"")
    case = Case.objects.order_by("-recorded_at").exclude("sealed").first()
    found = case_threads.read(Actor.client(case.client), case.reference)
    assert found.messages[0].values["body"] == "Where is my car?"
    assert found.details.email == "piped@mail.example"


def script_of_the_guide() -> str:
    """The script that the operators' guide has mail servers run, without what leads to it."""
    guide = (ROOT / "docs" / "operators.md").read_text()
    script = guide.partition("#!/bin/sh\n")[2].partition("```")[0]
    assert "contact ingest" in script
    return script


@pytest.mark.promise("P32")
@pytest.mark.parametrize(
    ("sender", "arguments"),
    [(None, "--sender "), ("ana@mail.example", "--sender <ana@mail.example>"), ("", "--sender <>")],
)
def test_the_script_of_the_guide_says_what_the_mail_server_said(
    tmp_path: Path, sender: str | None, arguments: str
) -> None:
    (line,) = [one for one in script_of_the_guide().splitlines() if "contact ingest" in one]
    flask = tmp_path / "flask"
    flask.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/told\nexit 1\n')
    flask.chmod(0o700)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    environment |= {} if sender is None else {"SENDER": sender}
    line = line.replace(".venv/bin/flask", "flask")
    done = subprocess.run(["/bin/sh", "-c", line], env=environment)
    assert done.returncode == 75, "whatever went wrong, the mail server tries again"
    assert (tmp_path / "told").read_text() == f"--app wsgi contact ingest {arguments}\n"


@pytest.mark.promise("P32")
def test_an_empty_sender_is_one_that_was_not_said(settings: Settings) -> None:
    done = pipe(settings, corpus.mail(), "--sender", "")
    assert (done.returncode, done.stdout) == (0, b"opened\n")


@pytest.mark.promise("P32")
def test_a_database_that_is_away_means_try_again(settings: Settings) -> None:
    away = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300"
    done = pipe(settings, corpus.mail("A secret"), MONGODB_URI=away)
    assert done.returncode == 75
    assert b"Traceback" not in done.stderr
    assert b"secret" not in done.stderr + done.stdout
