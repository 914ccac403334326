"""Verbs that join the command from other distributions, by an entry point of the group `coldtrail.verbs`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from glob import escape, glob
from importlib import import_module
from os.path import join
from pathlib import Path

from coldtrail.cli.verb import Verb

GROUP = "coldtrail.verbs"


def joined_verbs() -> dict[str, Verb]:
    """The verbs of all installed distributions that declare some, by name."""
    found: dict[str, Verb] = {}
    for declared in _declared():
        module, _, attribute = declared.partition(":")
        try:
            found |= getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
                raise
    return found


def _declared() -> Iterator[str]:
    """The objects, as `module:attribute`, that distributions on the path declare in the group.

    `importlib.metadata` would tell the same; importing it takes longer than all else that `--help` does.
    """
    for folder in dict.fromkeys(sys.path):
        for path in sorted(glob(join(escape(folder), "*.*-info", "entry_points.txt"))):
            yield from _objects(Path(path).read_text(encoding="utf-8"))


def _objects(text: str) -> Iterator[str]:
    """The objects of the group in an `entry_points.txt`, an INI file whose sections are groups."""
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and "=" in line:
            yield line.partition("=")[2].strip()
