"""What is measured for each case, and which tables the figures make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.quality.runs import Case
from benchmarks.recorded import Run

PARTS: dict[str, tuple[str, ...]] = {
    "bars": ("paper", "unpublished", "release"),
    "attacks": ("unpublished",),
    "look-alikes": ("look_alikes",),
    "shifts": ("shift_delays",),
    "new-function": ("new_function",),
    "poisoning": ("poisoning",),
    "gaps": ("gaps",),
    "ablation": ("ablation",),
    "sensitivity": ("sensitivity",),
    "speed": (),
}
"""The parts of the command, and the measures each needs."""


def needed(parts: Iterable[str]) -> list[str]:
    """The measures of some parts."""
    return list(dict.fromkeys(measure for part in parts for measure in PARTS[part]))


def runs_of(case: Case, measures: Sequence[str]) -> list[Run]:
    """The runs that measures need."""
    kinds = {kind for name in measures for kind in module(name).NEEDS}
    return [case.run(kind) for kind in sorted(kinds)]


def measured(name: str, case: Case) -> Any:
    """The figures of a measure for a case."""
    measure: Callable[[Case], Any] = module(name).measure
    return measure(case)


def module(name: str) -> Any:
    """The module of a measure."""
    return import_module(f"benchmarks.quality.measures.{name}")
