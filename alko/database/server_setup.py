"""From a listening mongod to a database that is ready: replica set, primary, user.

Done after every start and every find, since the one before may have been interrupted anywhere.
It signs in as MongoDB's internal user with the key file: that works before the first user
exists, after the password file was lost, and while the server is in no replica set, where the
"localhost exception" would end with the first user created.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from alko.database.server_errors import EmbeddedServerError, ServerGoneError
from alko.database.server_files import USER, ServerFolder, write_private
from alko.database.server_process import HOST, REPLICA_SET, is_mongod

Say = Callable[[str], None]
Client = MongoClient[dict[str, Any]]

ANSWER_SECONDS = 180.0  # replaying a long journal after a crash takes its time
NOT_INITIALISED, ALREADY_INITIALISED, USER_NOT_FOUND, WRONG_PASSWORD = 94, 23, 11, 18


def complete(home: ServerFolder, pid: int, port: int, say: Say) -> None:
    """Bring the server `pid` on `port` to the ready state; safe to repeat at any point.

    Raises ServerGoneError if it ends meanwhile, EmbeddedServerError if it never gets ready or
    is not ours.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            _attempt(home, pid, port, say, deadline)
            return
        except PyMongoError as error:
            if isinstance(error, OperationFailure) and error.code == WRONG_PASSWORD:
                raise EmbeddedServerError(
                    f"The MongoDB on port {port} (process {pid}) does not know the key file of "
                    f"{home.path}, which was replaced while it ran; stop it (kill {pid}) and "
                    "start again."
                ) from None
            if not is_mongod(pid, port):
                raise ServerGoneError(
                    f"The database ended unexpectedly; its log is {home.log}"
                ) from None
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"The database (process {pid}, port {port}) does not get ready: "
                    f"{' '.join(str(error).split())[:200]}; its log is {home.log}"
                ) from None
            time.sleep(0.1)


def _attempt(home: ServerFolder, pid: int, port: int, say: Say, deadline: float) -> None:
    with _client(port, "__system", home.secret(), "local") as client:
        _check_ours(client, home, pid, port)
        _join_replica_set(client, home, port, say)
        while not client.admin.command("hello")["isWritablePrimary"]:
            if time.monotonic() > deadline or not is_mongod(pid, port):
                raise PyMongoError("it does not become primary")
            time.sleep(0.02)
        say("database is primary")
        _ensure_user(client, home, port, say)
    if not home.ready.exists():
        write_private(home.ready, "The set-up of this data folder was completed.\n")
    say("database ready")


@contextmanager
def _client(port: int, user: str, password: str, source: str) -> Iterator[Client]:
    client: Client = MongoClient(
        HOST,
        port,
        directConnection=True,
        username=user,
        password=password,
        authSource=source,
        authMechanism="SCRAM-SHA-256",
        serverSelectionTimeoutMS=2_000,
        socketTimeoutMS=60_000,
    )
    try:
        yield client
    finally:
        client.close()


def _check_ours(client: Client, home: ServerFolder, pid: int, port: int) -> None:
    """That it took our key file is the proof; pid and data folder guard against a copy of it."""
    options = client.admin.command("getCmdLineOpts")["parsed"]
    same_pid = client.admin.command("serverStatus")["pid"] == pid
    if not same_pid or not os.path.samefile(options["storage"]["dbPath"], home.data):
        raise EmbeddedServerError(
            f"The MongoDB on port {port} belongs to another data folder than {home.path}."
        )


def _join_replica_set(client: Client, home: ServerFolder, port: int, say: Say) -> None:
    member = f"{HOST}:{port}"
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_INITIALISED:
            raise
        # A set that exists may not be loaded yet: the server first asks its old address whether
        # that is itself, half a minute long if a silent program listens there by now. Creating
        # it then waits for the answer and is refused, which is as good.
        say(f"{'loading' if home.ready.exists() else 'creating'} the replica set")
        try:
            client.admin.command(
                "replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]}
            )
        except OperationFailure as failure:
            if failure.code != ALREADY_INITIALISED:
                raise
            config = client.admin.command("replSetGetConfig")["config"]
        else:
            say("replica set created")
            return
    if [entry["host"] for entry in config["members"]] == [member]:
        return
    # Started on another port than last time: the server does not find itself among the members,
    # so nobody can vote for the change and it has to be forced.
    say("changing the port in the replica set")
    config["version"] += 1
    config["members"] = [{"_id": 0, "host": member}]
    client.admin.command("replSetReconfig", config, force=True)


def _ensure_user(client: Client, home: ServerFolder, port: int, say: Say) -> None:
    password = home.password()
    with _client(port, USER, password, "admin") as own:
        try:
            own.admin.command("ping")
            return
        except OperationFailure as error:
            if error.code != WRONG_PASSWORD:
                raise
    say("creating the database user")
    try:
        client.admin.command("updateUser", USER, pwd=password, roles=["root"])
    except OperationFailure as error:
        if error.code != USER_NOT_FOUND:
            raise
        client.admin.command("createUser", USER, pwd=password, roles=["root"])
    say("database user created")
