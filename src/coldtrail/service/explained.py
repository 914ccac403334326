"""What settings say of themselves: each key with its default and the docstring below it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import Any, NamedTuple

import msgspec
from msgspec import NODEFAULT, Struct


class Key(NamedTuple):
    """One key of a table."""

    name: str
    about: str
    """In one paragraph; empty where the code says none."""
    is_required: bool
    default: Any
    """As TOML would have it; None where it is required, or has no value unless one is given."""


def keys_of(table: type[Struct]) -> list[Key]:
    """The keys of a table, in the order of the code: those that it has of its own come first."""
    about = _abouts(table)
    fields = {field.name: field for field in msgspec.structs.fields(table)}
    keys = []
    for name in sorted(fields, key=list(about).index):
        field = fields[name]
        default = field.default
        if field.default_factory is not NODEFAULT:
            default = field.default_factory()
        value = None if default is NODEFAULT else msgspec.to_builtins(default)
        keys.append(Key(field.encode_name, about[name], field.required, value))
    return keys


def about(table: type) -> str:
    """What the docstring of a table says, in one paragraph, or the module's where it only names the table."""
    own = _paragraph(vars(table).get("__doc__") or "")
    if own and not own.startswith("`[["):
        return own
    module = inspect.getmodule(table)
    return _paragraph(((module and module.__doc__) or own).partition("\n\n")[0])


@cache
def _abouts(table: type[Struct]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in table.__mro__:
        if issubclass(part, Struct) and part is not Struct:
            for name, said in _said_in(part).items():
                found.setdefault(name, said)
    return found


def _said_in(table: type) -> dict[str, str]:
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(table))).body
    except (OSError, TypeError):
        # Installed without its source: then the keys stand there unexplained.
        return dict.fromkeys(inspect.get_annotations(table), "")
    if not isinstance(tree, ast.ClassDef):
        raise TypeError(f"{table.__name__} is no class")
    found: dict[str, str] = {}
    name = ""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            found[name] = ""
        elif name and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[name] = _paragraph(str(node.value.value))
            name = ""
    return found


def _paragraph(text: str) -> str:
    return " ".join(text.split())
