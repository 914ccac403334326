"""Docstrings say in plain English what a thing is or does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.structure import LABORATORY, PRODUCT

STILTED = re.compile(
    r"^Nothing\b|\bhow manieth\b|by what they are the rates of|of what has stopped, |went without it",
    re.IGNORECASE,
)


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts that stand alone in a module, those below attributes too, by their line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.lineno, str(node.value.value)


def public(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    """What other files may use: the functions and classes of a module, and the methods of these classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
                yield from (method for method in methods if not method.name.startswith("_"))


@pytest.mark.parametrize("package", [PRODUCT, *LABORATORY], ids=lambda package: package.name)
def test_no_docstring_is_stilted(package: Path) -> None:
    found = [
        f"{path.relative_to(package)}:{line}: {text.splitlines()[0]}"
        for path in sorted(package.rglob("*.py"))
        for line, text in docstrings(ast.parse(path.read_text(encoding="utf-8")))
        if STILTED.search(text)
    ]
    assert found == []


def test_every_public_thing_has_a_docstring() -> None:
    missing = [
        f"{path.relative_to(PRODUCT)}:{node.lineno}: {node.name}"
        for path in sorted(PRODUCT.rglob("*.py"))
        for node in public(ast.parse(path.read_text(encoding="utf-8")))
        if not ast.get_docstring(node)
    ]
    assert missing == []
