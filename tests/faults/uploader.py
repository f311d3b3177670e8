"""Uploads papers until it is killed: run by test_uploads.py, which says with what settings.

Each line on standard input begins another process (by fork, so that what was imported stays),
which says so, then a dot before each upload. ``gone`` follows when it has ended.
"""

from __future__ import annotations

import io
import os
import random
import sys
from pathlib import Path

from bson import ObjectId
from flask import Flask

import config
from alko.database import connection
from alko.documents import operations
from alko.models.document import PaperKind, PaperRecord
from alko.privacy.door.access import Actor
from alko.vault import cloudinary_store
from alko.vault.inspection.types import Inspected
from tests.faults.test_uploads import MARK

KINDS = (PaperKind.IDENTITY, PaperKind.FINANCIAL, PaperKind.RESIDENCE)


def main() -> None:
    client, order = ObjectId(sys.argv[1]), ObjectId(sys.argv[2])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            upload(client, order, int(line))
            os._exit(0)
        say(str(child))
        os.waitpid(child, 0)
        say("gone")


def upload(client: ObjectId, order: ObjectId, seed: int) -> None:
    """Mostly add papers; now and then replace or remove one."""
    chance = random.Random(seed)  # noqa: S311
    cloudinary_store.CHUNK = 150_000  # so that some files go in parts
    settings = config.load()
    connection.connect(settings)
    app = Flask("uploader")
    app.config["ALKO"] = settings
    actor = Actor.client(client)
    with app.app_context():
        while True:
            say(".")
            paper = operations.add(client, actor, chance.choice(KINDS), order, file(chance))
            what = chance.randrange(4)
            if what == 0:
                operations.replace(client, actor, paper, file(chance))
            elif what == 1:
                some = PaperRecord.raw().find_one({"client": client}, {"_id": 1})
                operations.remove(client, actor, some["_id"])  # type: ignore[index]


def file(chance: random.Random) -> Inspected:
    size = chance.choice((1_000, 100_000, 400_000))
    content = f"{MARK} {chance.random()} ".encode() * (size // 40)
    return Inspected(io.BytesIO(content), "application/pdf", f"{MARK}.pdf", len(content), ())


def say(word: str) -> None:
    os.write(sys.stdout.fileno(), f"{word}\n".encode())


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    main()
