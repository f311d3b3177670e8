"""What is written survives a power cut: the content is on the disk, and so is its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from pyrage import x25519

from alko import files
from alko.backups import sealed_file
from alko.database import secrets
from alko.database.master_keys import LocalMasterKeys
from alko.database.server_files import write_private
from alko.mail.folder import FolderTransport
from alko.vault.stores import LocalStore, new_key


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was brought to the disk, in order, by the name it had then."""
    paths: list[Path] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        paths.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return paths


def mail(folder: Path) -> None:
    message = EmailMessage()
    message["Message-ID"] = f"<{'a' * 24}@alkocars.com>"
    FolderTransport(folder).send(message)


WRITERS: dict[str, Callable[[Path], object]] = {
    "a master key": lambda folder: secrets.master_key(folder, "1"),
    "a file of the database": lambda folder: write_private(folder / "port", "27017"),
    "a backup": lambda folder: sealed_file.write(
        folder / "keys.age", str(x25519.Identity.generate().to_public()), [b"x"]
    ),
    "a paper": lambda folder: LocalStore(folder).put(new_key(), lambda target: target.write(b"x")),
    "a mail": mail,
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_the_name_is_synced_after_the_content(
    write: Callable[[Path], object], tmp_path: Path, synced: list[Path]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder)
    (made,) = [one for one in folder.rglob("*") if one.is_file()]
    assert made.stat().st_mode & 0o777 == 0o600
    assert any(made.name in one.name for one in synced[:-1]), "the content"
    assert synced[-1] == made.parent, "and then the name"


def test_a_destroyed_master_key_is_overwritten_on_the_disk_and_its_name_is_gone(
    tmp_path: Path, synced: list[Path]
) -> None:
    keys = LocalMasterKeys(tmp_path)
    keys.add()
    synced.clear()
    keys.destroy(1)
    assert synced == [tmp_path / "master-key-1", tmp_path]
    assert keys.generations() == [2]


def test_a_folder_is_made_with_those_above_it(tmp_path: Path, synced: list[Path]) -> None:
    files.make_folder(tmp_path / "a" / "b")
    assert synced == [tmp_path, tmp_path / "a"]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    files.make_folder(tmp_path / "a" / "b")


@pytest.mark.parametrize("only_new", [True, False])
def test_what_fails_leaves_nothing_and_the_old_as_it_was(tmp_path: Path, only_new: bool) -> None:
    path = tmp_path / "one"
    path.write_bytes(b"old")
    with pytest.raises(LookupError), files.written_whole(path, only_new=only_new) as file:
        file.write(b"new")
        raise LookupError
    assert [one.name for one in tmp_path.iterdir()] == ["one"]
    assert path.read_bytes() == b"old"


def test_only_new_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError), files.written_whole(path, only_new=True) as file:
        file.write(b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["one"]
    assert path.read_bytes() == b"old"
