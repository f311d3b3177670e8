"""The process that parses: short of memory, time and files, and not believed."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from alko.vault.inspection import Limits, Refused, sandbox
from alko.vault.inspection.types import JPEG
from tests.serving import ROOT
from tests.vault.inspection import making
from tests.vault.inspection.inspecting import passed, refusal


def test_too_little_memory_or_time_refuses_the_file_only() -> None:
    large = making.saved(making.picture(6000, 4000), "JPEG")
    assert refusal(large, limits=Limits(memory_bytes=150 << 20)) in ("too_complex", "damaged")
    assert refusal(large, limits=Limits(seconds=0.05)) == "too_complex"
    assert passed(large).size


def test_time_on_the_processor_is_bounded(tmp_path: Path) -> None:
    assert pretend(tmp_path, "while True: pass", Limits(cpu_seconds=1)) == "too_complex"


def pretend(tmp_path: Path, what: str, limits: Limits = Limits()) -> str:  # noqa: B008 - frozen
    """What becomes of a file while the parsers do `what` instead; the refusal's code."""
    cleaner = tmp_path / "cleaner.py"
    cleaner.write_text(
        textwrap.dedent(
            """
            import runpy, sys, types
            package = types.ModuleType("alko"); package.__path__ = [sys.argv[1]]
            sys.modules["alko"] = package
            from alko.vault.inspection import child
            def clean(data, kind, limits, file):
                {what}
            child._clean = clean
            child.main()
            """
        ).format(what=what)
    )
    before = sandbox._START
    sandbox._START = f"exec(open({str(cleaner)!r}).read())"  # type: ignore[misc]
    try:
        sandbox.clean(making.jpeg(), JPEG, limits)
    except Refused as refused:
        return refused.code
    finally:
        sandbox._START = before  # type: ignore[misc]
    return ""


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("import os; os.abort()", "damaged"),
        ("import os; os.kill(os.getpid(), 11)", "damaged"),
        ("import sys; sys.exit(3)", "damaged"),
        ("return b'x' * (1 << 32), 'image/jpeg', []", "too_complex"),
        ("return b'x' * (16 << 20), 'image/jpeg', []", "too_large"),
        ("return b'<html>', 'image/jpeg', []", "damaged"),
        ("return b'<html>', 'text/html', []", "damaged"),
        ("return data, 'image/png', []", "damaged"),
        ("return data, 'image/jpeg', ['<b>note</b>']", "damaged"),
        (
            "open('/dev/shm/alko-leak', 'wb', 0).write(data); return data, 'image/jpeg', []",
            "damaged",
        ),
        ("return data, 'image/jpeg', []", ""),
    ],
)
def test_whatever_a_parser_does_the_file_is_refused(tmp_path: Path, what: str, code: str) -> None:
    try:
        assert pretend(tmp_path, what) == code
    finally:
        leak = Path("/dev/shm/alko-leak")
        if leak.exists():
            assert leak.stat().st_size == 0
            leak.unlink()


def test_the_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALKO_SECRET_KEY", "known")
    look = "import os; return (data if not any('ALKO' in n for n in os.environ) else b''), kind, []"
    assert pretend(tmp_path, look) == ""


WATCHED = """
import io, os, sys
written = []
def watch(event, args):
    if event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR):
        written.append(args[0])
sys.addaudithook(watch)
from alko.vault.inspection import Limits, inspect
for path in sys.argv[1:]:
    inspect(open(path, "rb"), "a", Limits())
assert not [path for path in written if path != '/dev/null' and not isinstance(path, int)], written
"""


@pytest.mark.promise("P13", "P15")
def test_plaintext_never_touches_the_disk(tmp_path: Path) -> None:
    """Here nothing opens a file to write; there the kernel forbids it (the leak above)."""
    paths = []
    for number, data in enumerate((making.jpeg(), making.heic(), making.scan())):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(data)
    subprocess.run(
        [sys.executable, "-c", WATCHED, *map(str, paths)], check=True, timeout=60, cwd=ROOT
    )


def test_only_so_many_files_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_WAIT", 0.05)
    monkeypatch.setattr(sandbox, "_turns", threading.BoundedSemaphore(1))
    with sandbox._turns:
        assert refusal(making.jpeg()) == "busy"
    assert passed(making.jpeg()).size


def test_several_threads_may_inspect_at_once() -> None:
    outcomes: list[int] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(passed(making.jpeg()).size))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 5
    assert len(set(outcomes)) == 1


def test_a_strange_answer_is_not_believed() -> None:
    for head in (b"", b"{", b"[]", b"1", b'{"refused": "<b>"}', b'{"notes": []}'):
        with pytest.raises(Refused) as refused:
            sandbox._believed(head, making.jpeg(), Limits())
        assert refused.value.code == "damaged"
    good = json.dumps({"media_type": JPEG, "notes": []}).encode()
    assert sandbox._believed(good, making.jpeg(), Limits())[1] == JPEG
