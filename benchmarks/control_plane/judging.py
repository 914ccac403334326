"""What was told of each technique that was laid over a week, and what of the week itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from benchmarks.control_plane.laying import Laid
from benchmarks.incidents.judging import Evidence, evidence_of, ids_of_case, lines_of


class Row(Struct, frozen=True):
    """What became of one technique."""

    name: str
    on_functions: bool
    benign: bool
    told: bool
    """By an alert or a case."""
    case: bool
    names_function: bool
    """Whether all functions that it attacks stand in cases that tell of it."""
    severity: str
    after_s: float | None
    """From its decisive record to the first thing that is certain of it."""
    kinds: tuple[str, ...]


class Benign(Struct, frozen=True):
    """What is told of a week, of which nothing should be."""

    cases: tuple[str, ...]
    """Titles with their severity."""
    high: int
    alerts: int


def rows(laid: Sequence[Laid], output: Path) -> list[Row]:
    """From what `score` wrote."""
    alerts, cases = lines_of(output / "alerts.jsonl"), lines_of(output / "cases.jsonl")
    evidence = evidence_of(alerts)
    of_cases = [(case, ids_of_case(case, evidence)) for case in cases]
    return [_row(one, of_cases, evidence) for one in laid]


def benign(output: Path, laid: Sequence[Laid] = ()) -> Benign:
    """What is told of nothing that was laid over it."""
    alerts, cases = lines_of(output / "alerts.jsonl"), lines_of(output / "cases.jsonl")
    evidence = evidence_of(alerts)
    theirs = {name for one in laid if not one.technique.is_benign for name in one.event_ids}
    false = [case for case in cases if theirs.isdisjoint(ids_of_case(case, evidence))]
    return Benign(
        tuple(f"{case['severity']}: {case['title']}" for case in false),
        sum(case["severity"] in ("high", "critical") for case in false),
        sum(theirs.isdisjoint(ids) for ids in evidence.values()),
    )


def _row(
    one: Laid,
    cases: Sequence[tuple[Mapping[str, Any], set[str]]],
    evidence: Evidence,
) -> Row:
    mine = [case for case, ids in cases if not one.event_ids.isdisjoint(ids)]
    members = [
        member
        for case in mine
        for member in case["members"]
        if not one.event_ids.isdisjoint(ids_of_case({"members": [member]}, evidence))
    ]
    # A case that was open before is added to as soon as the signal is certain.
    certain = [
        member["at"] if case["opened_at"] < one.decisive_at else max(member["at"], case["opened_at"])
        for case in mine
        for member in case["members"]
        if member in members and member["at"] >= one.decisive_at
    ]
    named = {name for case in mine for name in case["functions"]}
    levels = ("low", "medium", "high", "critical")
    return Row(
        one.technique.name,
        one.technique.on_functions,
        one.technique.is_benign,
        bool(mine) or any(not one.event_ids.isdisjoint(ids) for ids in evidence.values()),
        bool(mine),
        bool(one.functions) and named.issuperset(one.functions),
        max((case["severity"] for case in mine), key=levels.index, default="-"),
        min(certain, default=None) and min(certain) - one.decisive_at,
        tuple(dict.fromkeys(member["kind"] for member in members)),
    )
