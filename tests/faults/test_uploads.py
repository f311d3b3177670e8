"""kill -9 in the middle of uploads: afterwards each is complete or absent, on both sides."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bson import ObjectId
from flask import Flask

from alko.database import connection
from alko.database.keyring import KeyDestroyed, key_name
from alko.database.records import unsealed
from alko.demo.factories import Factory
from alko.documents import intents
from alko.models.activity import LedgerEntry
from alko.models.document import PaperRecord, UploadIntent
from alko.privacy.accountability import ledger
from alko.privacy.vocabulary import Recipient
from alko.vault.access import store_of, vault_of
from alko.vault.stores import LocalStore
from config import Settings
from tests.serving import ROOT
from tests.vault import cloudinary_server
from tests.vault.cloudinary_server import CloudinaryServer

MARK = "Passport of Ada Lovelace"
UPLOADS = 100
"""For each store."""
MOST_EACH = 6
"""Uploads that a process begins at most before it is killed in the middle of one."""
LONGEST = 0.1
"""Seconds after the beginning of its last upload at which a process is killed at the latest."""


@pytest.fixture(params=["local", "cloudinary"])
def stored(
    request: pytest.FixtureRequest, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    monkeypatch.setattr(cloudinary_server, "SMALLEST_PART", 0)
    settings: Settings = dataclasses.replace(app.config["ALKO"])
    with ExitStack() as stack:
        if request.param == "local":
            # The keys stay where they are; only the vault is another.
            (tmp_path / "secrets").symlink_to(settings.instance / "secrets")
            settings = dataclasses.replace(settings, instance=tmp_path)
        else:
            server = stack.enter_context(CloudinaryServer())
            Factory().agreement(Recipient.CLOUD_STORAGE, company="Cloudinary")
            settings = dataclasses.replace(
                settings, cloudinary_url=server.url, cloudinary_upload_prefix=server.prefix
            )
        stack.enter_context(app.app_context())
        yield settings


def environment(settings: Settings) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "ALKO_ENV": "development",
        "ALKO_INSTANCE": str(settings.instance),
        "ALKO_SECRET_KEY": settings.secret_key,
        "ALKO_BLIND_INDEX_KEY": settings.blind_index_key,
        "MONGODB_URI": settings.mongodb_uri,
        "ALKO_DATABASE": settings.database,
        "ALKO_KEY_VAULT_DATABASE": settings.key_vault_database,
        "CLOUDINARY_URL": settings.cloudinary_url,
        "ALKO_CLOUDINARY_UPLOAD_PREFIX": settings.cloudinary_upload_prefix,
        "ALKO_DOCUMENT_QUOTA": str(10**10),
    }


def upload_and_kill(settings: Settings, client: ObjectId, order: ObjectId) -> int:
    """Begin UPLOADS uploads in processes of which each is killed; returns how many were."""
    chance = random.Random()  # noqa: S311
    killed = begun = 0
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.uploader", str(client), str(order)],
        cwd=ROOT,
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as helper:
        assert helper.stdin
        assert helper.stdout
        words = (line.strip() for line in helper.stdout)
        while begun < UPLOADS:
            helper.stdin.write(f"{chance.randrange(10**9)}\n")
            helper.stdin.flush()
            number, dots, wanted = 0, 0, chance.randint(1, MOST_EACH)
            while not number or dots < wanted:
                word = next(words)
                assert word != "gone", "it ended by itself"
                number, dots = (number, dots + 1) if word == "." else (int(word), dots)
            time.sleep(chance.uniform(0, LONGEST))
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
            begun += dots + sum(word == "." for word in iter(words.__next__, "gone"))
            killed += 1
        helper.stdin.close()
    return killed


@pytest.fixture
def impatient_server(app: Flask) -> Iterator[None]:
    """A killed process's transaction keeps its locks for a minute; here only for seconds."""
    admin, name = connection.current().client.admin, "transactionLifetimeLimitSeconds"
    before = admin.command("getParameter", 1, **{name: 1})[name]
    admin.command("setParameter", 1, **{name: 5})
    yield
    admin.command("setParameter", 1, **{name: before})


@pytest.mark.usefixtures("impatient_server")
@pytest.mark.promise("P11", "P13", "P15", "P17", "P25")
def test_every_upload_is_complete_or_absent_on_both_sides(stored: Settings, app: Flask) -> None:
    factory = Factory("uploads")
    client = factory.client().id
    order = factory.order(client).pk

    killed = upload_and_kill(stored, client, order)
    interrupted = UploadIntent.raw().count_documents({"client": client})
    print(f"{killed} processes killed, {interrupted} intents left behind")
    assert interrupted > killed / 4, "uploads must be hit in the middle, or nothing is proven"

    later = datetime.now(UTC) + timedelta(days=2)
    intents.reconcile(stored, later)
    assert intents.reconcile(stored, later) == 0
    assert UploadIntent.raw().count_documents({"client": client}) == 0

    store, vault = store_of(stored), vault_of(stored)
    papers = list(PaperRecord.objects(client=client))
    assert papers
    assert Counter(store.keys()) == Counter(paper.vault_key for paper in papers)
    for paper in papers:
        with store.open(paper.vault_key) as sealed:
            assert MARK.encode() not in sealed.read()
        content = b"".join(vault.read(paper.vault_key, unsealed(paper).vault_identity))
        assert hashlib.sha256(content).hexdigest() == unsealed(paper).sha256
        assert content.startswith(MARK.encode())
        assert len(content) == paper.size
    if isinstance(store, LocalStore):
        store.tidy(timedelta(0))
        files = {path.name for path in (stored.instance / "vault").rglob("*") if path.is_file()}
        assert files == {paper.vault_key for paper in papers}

    said: dict[str, Counter[str]] = {"document.added": Counter(), "document.removed": Counter()}
    for entry in LedgerEntry.raw().find({"client": client, "event": {"$in": list(said)}}):
        said[entry["event"]][entry["details"]["record"]] += 1
    assert set(said["document.added"].values()) == {1}
    assert set(said["document.removed"].values()) <= {1}
    held = {str(paper.pk) for paper in papers}
    assert held == set(said["document.added"]) - set(said["document.removed"])
    assert ledger.verify(client).verified

    keyring = connection.current().keyring
    keyring.destroy([key_name(client, "documents"), key_name(client, "ledger/open")])
    time.sleep(app.config["ALKO"].key_cache.total_seconds() + 0.5)
    for paper in papers:
        with pytest.raises(KeyDestroyed):
            unsealed(paper)
