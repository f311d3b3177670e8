"""Whatever a value is, it comes to no harm in a table or a file's name, and does none."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import example, given
from hypothesis import strategies as st

from alko.privacy.door.dossier import Dossier, Row
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle import receipts
from alko.privacy.rights import portability
from alko.privacy.rights.portability import FORMULA_STARTS, Copy
from alko.privacy.vocabulary import Purpose

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MESSAGES = CATEGORIES["messages"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def row(**values: Any) -> Row:
    return Row(ObjectId(), NOW, None, values, readable=True)


def table(*rows: Row) -> list[list[str]]:
    """The table as a spreadsheet reads it, without its heading."""
    client = ObjectId()
    copy = Copy(Dossier(client, Purpose.LEGAL, frozenset(), 1), ["messages"])
    copy._kept["messages"] = list(rows)
    written = b"".join(portability._table(copy, MESSAGES)).decode()
    return list(csv.reader(io.StringIO(written, newline="")))[1:]


def columns() -> list[str]:
    return ["id", "erase_after", *(field.name for field in MESSAGES.shown_fields)]


@given(texts, texts)
@example("=HYPERLINK(1)", "a;=1+1\r\n=2")
@example("+44 20 7946", "-cmd")
@example("\t=x", "@SUM(A1)")
@example('"', ",")
def test_a_value_stays_in_its_cell_and_never_becomes_a_formula(subject: str, body: str) -> None:
    (cells,) = table(row(subject=subject, body=body))
    named = dict(zip(columns(), cells, strict=True))
    for typed, cell in ((subject, named["subject"]), (body, named["body"])):
        assert cell.removeprefix("'") == typed.removeprefix("'") or cell == typed
        if cell[:1] in FORMULA_STARTS and cell:
            assert cell[1:].isdecimal(), "a number, nothing that computes"


@pytest.mark.parametrize("phone", ["+40712345678", "-5", "0", ""])
def test_numbers_stay_as_they_are(phone: str) -> None:
    (cells,) = table(row(subject=phone))
    assert phone in cells


@given(st.lists(texts, max_size=5))
def test_each_record_is_one_row(subjects: list[str]) -> None:
    rows = [row(subject=one) for one in subjects]
    read = table(*rows)
    assert [cells[0] for cells in read] == [str(one.id) for one in rows]
    assert {len(cells) for cells in read} <= {len(columns())}


@given(texts)
@example("../../etc/passwd")
@example("..")
@example("C:\\boot.ini")
@example("a\0b.pdf")
@example("CON.pdf")
@example("\u202egnp.exe")
@example("x" * 400 + ".pdf")
@example(" . ")
def test_a_files_name_is_safe_wherever_it_is_unpacked(filename: str) -> None:
    one = row(filename=filename)
    name = portability.document_name(one)
    folder, slash, base = name.partition("/")
    assert (folder, slash) == ("documents", "/")
    assert base.startswith(f"{one.id}-")
    assert "/" not in base
    assert not {*'\\:*?"<>|'} & {*base}
    assert base.isprintable()
    assert base.strip(". ") == base
    assert len(base.encode()) <= 255, "no file system takes more"


@given(texts, texts)
def test_different_records_never_share_a_name(first: str, second: str) -> None:
    names = {portability.document_name(row(filename=one)) for one in (first, second)}
    assert len(names) == 2


@given(st.recursive(texts | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3)))
def test_lists_are_json_in_a_cell(value: Any) -> None:
    cell = portability._cell([value])
    assert json.loads(cell) == [value]


@given(st.dictionaries(texts, texts, max_size=4))
def test_the_signature_covers_every_member_in_any_order(manifest: dict[str, str]) -> None:
    manifest.pop("signature", None)
    turned = dict(reversed(manifest.items()))
    covered = receipts.canonical({**manifest, "signature": "x"})
    assert covered == receipts.canonical(turned)
    assert json.loads(covered) == manifest
    changed = {**manifest, "more": manifest.get("more", "") + "!"}
    assert receipts.canonical(changed) != covered
