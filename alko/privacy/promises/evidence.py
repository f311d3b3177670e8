"""Which tests prove which promise: read from the marks in the tests' source, never run here."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent.parent.parent / "tests"


@cache
def proving_tests(folder: Path = TESTS) -> Mapping[str, tuple[str, ...]]:
    """Promise id to names (``tests/privacy/test_promises.py::test_x``); empty without a folder."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        name = path.relative_to(folder.parent).as_posix()
        for test, ids in _marked(ast.parse(path.read_bytes())):
            for promise in ids:
                found.setdefault(promise, []).append(f"{name}::{test}")
    return {promise: tuple(tests) for promise, tests in found.items()}


def _marked(module: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Each test with the ids of its own mark, of its class and of its module."""
    everywhere = [
        identifier
        for node in module.body
        if isinstance(node, ast.Assign) and _is_named(node.targets[0], "pytestmark")
        for mark in (node.value.elts if isinstance(node.value, ast.List) else [node.value])
        for identifier in _ids(mark)
    ]
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            inherited = everywhere + _of_decorators(node)
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and _is_test(member):
                    yield f"{node.name}::{member.name}", inherited + _of_decorators(member)
        elif isinstance(node, ast.FunctionDef) and _is_test(node):
            yield node.name, everywhere + _of_decorators(node)


def _is_test(node: ast.FunctionDef) -> bool:
    return node.name.startswith("test")


def _of_decorators(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    return [identifier for mark in node.decorator_list for identifier in _ids(mark)]


def _ids(mark: ast.expr) -> list[str]:
    """The ids in ``pytest.mark.promise("P1", "P2")``; empty for any other mark."""
    if not (isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute)):
        return []
    if mark.func.attr != "promise":
        return []
    return [str(one.value) for one in mark.args if isinstance(one, ast.Constant)]


def _is_named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
