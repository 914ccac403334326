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


@pytest.mark.parametrize("package", [PRODUCT, *LABORATORY], ids=lambda package: package.name)
def test_no_docstring_is_stilted(package: Path) -> None:
    found = [
        f"{path.relative_to(package)}:{line}: {text.splitlines()[0]}"
        for path in sorted(package.rglob("*.py"))
        for line, text in docstrings(ast.parse(path.read_text(encoding="utf-8")))
        if STILTED.search(text)
    ]
    assert found == []
