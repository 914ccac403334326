"""Verbs that a version of Coldtrail may lack: tables then say so, and show the rest."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coldtrail

MISSING = "not there yet"


def verb(name: str) -> Callable[..., Any] | None:
    """A public verb of Coldtrail; None where it has none of that name."""
    return getattr(coldtrail, name, None)


def shifts_in(learned: Path, judged: Path) -> list[Any] | None:
    """The slow shifts that scoring a run tells; None where this version watches for none."""
    with tempfile.TemporaryDirectory(prefix="coldtrail-quality-") as folder:
        coldtrail.train([learned], Path(folder) / "bundle")
        summary = coldtrail.score(Path(folder) / "bundle", [judged])
    found = getattr(summary, "shifts", None)
    return None if found is None else list(found)
