"""What all runs since some time have in common explains what only some of them show."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coldtrail.bundle.history import History
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.habits import Habits
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow, make_key

READ: Call = ("GetItem", "DynamoDB", "Booking", 0.01)
TELL: Call = ("Publish", "SNS", "events", 0.01)
LOG: Call = ("PutObject", "S3", "logs", 0.01)
NEW: Call = ("PutItem", "DynamoDB", "Confirmations", 0.01)
LATER = START + 20_000.0


def runs(
    of: Sequence[Sequence[Call]], name: str, start: float = START, version: str | None = None
) -> list[Flow]:
    return [
        make_flow(list(calls), flow_id=f"{name}{at}", start=start + 30.0 * at, version=version)
        for at, calls in enumerate(of)
    ]


def habits(known: list[Flow], flagged: list[Flow], version: str | None = None) -> Habits:
    return Habits(History(Vocabulary()).add(known), make_key(), version, flagged)


def lacking(call: Call) -> FindingKey:
    name, kind, target, _ = call
    return FindingKey(*make_key(), "omission", name, kind, str(target))


@pytest.mark.parametrize("version", [None, "2"])
@pytest.mark.parametrize(("every", "dropped"), [(1, False), (3, True)])
def test_a_step_of_some_runs_that_none_takes_since_was_dropped(
    version: str | None, every: int, dropped: bool
) -> None:
    before = runs(
        [[READ, TELL] if n % 3 else [READ, TELL, LOG] for n in range(90)], "b", version=version and "1"
    )
    late = [[READ, TELL] if n % 3 or every == 3 else [READ, TELL, LOG] for n in range(75)]
    since = runs(late, "s", LATER, version)
    found = habits([*before, *since[3:]], since[:3], version)
    assert found.dropped(lacking(LOG), LATER) is dropped
    assert not found.dropped(lacking(TELL), LATER)
    assert not found.dropped(lacking(NEW), LATER)


def test_a_step_that_came_twice_and_comes_once_at_most_was_dropped() -> None:
    before = runs([[READ, TELL, TELL] if n % 4 else [READ, TELL] for n in range(100)], "b")
    once = runs([[READ, TELL] if n % 4 else [READ] for n in range(50)], "s", LATER)
    assert habits([*before, *once[1:]], once[:1]).dropped(lacking(TELL), LATER)
    twice = runs([[READ, TELL, TELL] if n % 4 else [READ] for n in range(50)], "t", LATER)
    assert not habits([*before, *twice[1:]], twice[:1]).dropped(lacking(TELL), LATER)


def test_few_runs_without_a_step_say_nothing() -> None:
    before = runs([[READ, TELL, LOG] if n % 2 else [READ, TELL] for n in range(90)], "b")
    since = runs([[READ, TELL]] * 12, "s", LATER)
    assert not habits([*before, *since], []).dropped(lacking(LOG), LATER)


@pytest.mark.parametrize("version", [None, "2"])
def test_what_comes_wherever_a_known_step_does_is_tied_to_it(version: str | None) -> None:
    short, long = [READ], [READ, TELL]
    before = runs([long if n % 3 else short for n in range(90)], "b", version=version and "1")
    quiet = runs([short] * 20, "q", LATER, version)
    told = runs([[READ, NEW, TELL]] * 40, "t", LATER, version)
    assert habits([*before, *quiet], told, version).tied([True] * 40, LATER)
    without = runs([long] * 20, "w", LATER, version)
    assert not habits([*before, *without], told, version).tied([True] * 40, LATER), "no step tells them apart"
    many = runs([short] * 60, "m", LATER, version)
    assert not habits([*before, *many], told, version).tied([True] * 40, LATER), "fewer than half of the runs"
    assert not habits([*before, *quiet], told, version).tied([True] * 9 + [False] * 31, LATER)


@pytest.mark.parametrize(("stays", "moved"), [(0, True), (20, False)])
def test_a_step_that_nearly_always_stands_after_another_than_ever_before_was_moved(
    stays: int, moved: bool
) -> None:
    before = runs([[READ, LOG, TELL] if n % 2 else [READ, NEW, TELL] for n in range(90)], "b")
    since = runs([[READ, TELL] if n >= stays else [READ, LOG, TELL] for n in range(60)], "s", LATER)
    found = habits([*before, *since[:30]], since[30:])
    assert found.explain(lacking(TELL)._replace(kind="order"), [True] * 30, LATER) is moved
    assert not found.explain(lacking(TELL)._replace(kind="order"), [True] * 2 + [False] * 28, LATER)
