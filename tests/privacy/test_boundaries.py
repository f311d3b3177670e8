"""Where code may reach: read from the source itself, so that no new file escapes it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from alko.privacy.door.access import JOBS, Job
from alko.privacy.door.dossier import Dossier
from alko.privacy.inventory import ALL_CATEGORIES
from alko.privacy.vocabulary import Purpose

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "alko").rglob("*.py"), ROOT / "config.py", ROOT / "wsgi.py"])
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))

FLOORS = (
    {"config", "alko.words", "alko.files"},
    {"alko.database"},
    {"alko.models"},
    {"alko.backups", "alko.privacy", "alko.vault", "alko.mail", "alko.sales"},
    {"alko.extensions", "alko.web"},
    {
        "alko.home",
        "alko.policy",
        "alko.account",
        "alko.my_data",
        "alko.news",
        "alko.documents",
        "alko.rights",
        "alko.contact",
        "alko.orders",
        "alko.hooks",
        "alko.operations",
        "alko.demo",
    },
    {"alko.moderation"},
    {"alko.preparation"},
    {"alko.cli"},
    {"alko", "wsgi"},
)
"""From the ground up. A floor imports from itself and from those below it."""
MAY_OPEN = {"alko/database/keyring.py", "alko/database/records.py", "alko/privacy/door/dossier.py"}
OPENING = {"unsealed", "unseal", "unseal_many", "decrypt", "ClientEncryption"}
QUERYING = {"objects", "raw", "_get_collection", "get_collection"}
ENVIRONMENT = {
    "config.py": "every setting is read here",
    "alko/cli/serve.py": "hands it on to its children",
    "alko/web/uploads.py": "the request's, from which what is too large is read and thrown away",
    "alko/database/server_process.py": "hands a part of it on to mongod",
    "alko/web/typed.py": "the request's, to visit another page in its place",
}
UNESCAPED = {
    "templates/components/icons.html": "drawings of our own, from a table in the same file",
    "templates/my_data/copy/index.html": "our own style sheet, so that the copy reads offline",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), name_of(path))


def imports(path: Path) -> Iterator[str]:
    """All that a file imports, wherever in it: ``alko.models.client`` and what is taken of it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def floor_of(module: str) -> int | None:
    """The number of a module's floor, by its longest listed package; None for foreign modules."""
    matches = [
        (len(package), number)
        for number, packages in enumerate(FLOORS)
        for package in packages
        if inside(module, package)
    ]
    return max(matches)[1] if matches else None


@cache
def words_of(path: Path) -> set[str]:
    """Every name and attribute that a file uses."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name.rpartition(".")[2])
    return found


def attributes_of(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}


def surface(path: Path) -> bool:
    """Whether a file belongs to what faces the browser: routes, forms and the plumbing of pages."""
    name = name_of(path)
    return (
        path.stem in ("routes", "forms")
        or path.stem.endswith(("_routes", "_forms"))
        or (name.startswith("alko/web/"))
    )


def test_the_walk_sees_the_code() -> None:
    assert len(SOURCES) > 60
    assert len([path for path in SOURCES if surface(path)]) > 10
    assert len(TEMPLATES) > 10


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_lower_floor_never_imports_an_upper_one(path: Path) -> None:
    own = floor_of(module_of(path))
    assert own is not None, "a new package needs a floor"
    above = {
        imported
        for imported in imports(path)
        if (floor := floor_of(imported)) is not None
        and floor > own
        # ``from alko import models`` names a package, not the application above it all.
        and not (imported == "alko" and own)
    }
    assert not above, f"{name_of(path)} reaches up to {sorted(above)}"


@pytest.mark.promise("P6", "P17")
@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_sealed_values_are_opened_in_the_dossier_only(path: Path) -> None:
    if name_of(path) not in MAY_OPEN:
        assert not words_of(path) & OPENING


@pytest.mark.promise("P6", "P12")
@pytest.mark.parametrize("path", [path for path in SOURCES if surface(path)], ids=name_of)
def test_pages_do_not_reach_around_the_dossier(path: Path) -> None:
    reached = {name for name in imports(path) if inside(name, "alko.models")}
    assert not reached, "records are reached through the dossier"
    assert not attributes_of(path) & QUERYING
    database = {name for name in imports(path) if inside(name, "alko.database")}
    assert database <= {
        "alko.database.connection",
        "alko.database.keyring.KeyDestroyed",
        "alko.database.records.ConcurrentChange",
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "connection.current()":
            assert node.attr in ("signing_key", "blind_index"), "not the data itself"


@pytest.mark.promise("P6", "P12")
@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_do_not_query(path: Path) -> None:
    text = path.read_text()
    reaching = (".objects", ".raw(", "_get_collection", "sealed.")
    assert not [word for word in reaching if word in text]
    unescaped = "|safe" in text.replace(" ", "") or "Markup(" in text
    assert not unescaped or name_of(path) in UNESCAPED


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if name_of(path).startswith("alko/privacy/")], ids=name_of
)
def test_the_heart_knows_no_flask(path: Path) -> None:
    flask = {name for name in imports(path) if name.lower().startswith(("flask", "werkzeug"))}
    assert not flask


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_settings_are_read_in_one_place(path: Path) -> None:
    if name_of(path) not in ENVIRONMENT:
        assert not words_of(path) & {"environ", "getenv", "environb"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_requests_never_become_queries(path: Path) -> None:
    """The body of a request as JSON could carry operators; forms are text (operator injection)."""
    assert not words_of(path) & {"get_json", "is_json"}
    if surface(path):
        assert "eval" not in words_of(path)


@pytest.mark.promise("P6")
def test_no_purpose_no_read() -> None:
    purpose = inspect.signature(Dossier.open).parameters["purpose"]
    assert purpose.default is inspect.Parameter.empty
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Dossier.open":
                assert "Purpose." in ast.unparse(node) or "purpose" in ast.unparse(node)


@pytest.mark.promise("P6", "P8")
def test_all_is_held_for_the_six_purposes() -> None:
    assert len(Purpose) == 6
    for category in ALL_CATEGORIES:
        for field in category.fields:
            assert category.purposes_of(field), f"{category.slug}.{field.name} has no purpose"
    assert {purpose for purpose, _ in JOBS.values()} <= set(Purpose)
    assert JOBS.keys() == set(Job)
