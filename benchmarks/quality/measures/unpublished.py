"""The attacks of which nobody has published data."""

from __future__ import annotations

from msgspec import Struct

from benchmarks.quality.judging import Outcome, outcome, taught
from benchmarks.quality.reading import read
from benchmarks.quality.runs import Case
from benchmarks.quality.verbs import shifts_in
from coldtrail_testbed.attacks import ATTACKS, UNPUBLISHED

NEEDS = ("learn", "unpublished")


class Unpublished(Struct, frozen=True):
    """The outcome of a case."""

    usual: Outcome
    shifts: tuple[str, ...] | None
    """The slow shifts that are told, as `function: measure`; None where this version watches for none."""


def measure(case: Case) -> Unpublished:
    """The figures of a case."""
    learned, judged = read(case.run("learn")), read(case.run("unpublished"))
    return Unpublished(outcome(taught(learned.flows), judged.flows, judged.labels), shifted(case))


def shifted(case: Case) -> tuple[str, ...] | None:
    """The slow shifts that are told, as `function: measure`."""
    found = shifts_in(case.run("learn").traces, case.run("unpublished").traces)
    return None if found is None else tuple(sorted(f"{one.function_name}: {one.measure}" for one in found))


def why_not_in_one_flow(attack: str, app: str) -> str:
    """Why one flow's trace cannot show an attack, in the testbed's words; empty where it can."""
    place = ATTACKS[attack].places.get(app)
    return (place.same_as_benign or "") if place else ""


def names(app: str) -> list[str]:
    """The unpublished attacks on an application."""
    return [name for name in UNPUBLISHED if app in ATTACKS[name].places]
