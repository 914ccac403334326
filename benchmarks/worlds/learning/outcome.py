"""What was measured in a world, by part, row and column of the tables that show it."""

from __future__ import annotations

from collections.abc import Container, Mapping

from msgspec import Struct, field

from benchmarks.quality.figures import Rate
from benchmarks.worlds.product import Told
from benchmarks.worlds.scenes import READY, THIN
from benchmarks.worlds.writing import Truth

FOUND, FALSE = "attacks found", "benign flows that alarm"
OF_THIN = f"found in functions with {THIN} to {READY - 1} flows"

Row = dict[str, Rate]


class Learned(Struct):
    """The figures of one world."""

    seed: int
    parts: dict[str, dict[str, Row]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def row(self, part: str, name: str) -> Row:
        """A row of a part, empty where it is new."""
        return self.parts.setdefault(part, {}).setdefault(name, {})


def count(row: Row, column: str, part: bool) -> None:
    """Counts one more in a column."""
    row[column] = row.get(column, Rate()) + Rate(int(part), 1)


def count_flows(row: Row, truths: Mapping[str, Truth], told: Told, learned: Mapping[str, int]) -> None:
    """Counts the attacks that were found, by how much of their function was learned, and the false alarms."""
    for flow, truth in truths.items():
        alarms = told.judged(flow) and told.anomalous(flow)
        if truth.attack is None:
            if told.judged(flow):
                count(row, FALSE, alarms)
        elif learned.get(truth.function, 0) >= READY:
            count(row, FOUND, alarms)
        elif learned.get(truth.function, 0) >= THIN:
            count(row, OF_THIN, alarms)


def found_in(truths: Mapping[str, Truth], told: Told) -> frozenset[str]:
    """The attacks that were found, by the ids of their flows."""
    return frozenset(f for f, one in truths.items() if one.attack and told.judged(f) and told.anomalous(f))


def alarms_in(truths: Mapping[str, Truth], told: Told) -> frozenset[str]:
    """The benign flows that alarm."""
    return frozenset(
        f for f, one in truths.items() if not one.attack and told.judged(f) and told.anomalous(f)
    )


def count_agreement(row: Row, what: str, one: Container[str], two: Container[str], either: set[str]) -> None:
    """Counts of what either found how much both did."""
    for flow in sorted(either):
        count(row, what, flow in one and flow in two)
