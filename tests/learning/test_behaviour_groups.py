"""Groups of functions, and whether they would be the same on other days."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from coldtrail.learning.behaviour_groups import (
    UNKNOWN,
    Daily,
    Label,
    adjusted_rand,
    by_attributes,
    members_by,
    stability,
    told_attributes,
    traffic,
)
from coldtrail.records.identity import FunctionKey

DAYS = 10


def key(name: str, application: str = "shop") -> FunctionKey:
    return FunctionKey("1", "eu-west-1", application, name)


def steady(name: str, kind: str, a_day: float, **more: object) -> Daily:
    return Daily(key(name), {kind: [a_day] * DAYS}, **more)  # type: ignore[arg-type]


STEADY = [
    *(steady(f"api-{n}", "an API", 40.0) for n in range(4)),
    *(steady(f"timer-{n}", "a timer", 24.0) for n in range(3)),
    steady("busy", "an API", 5_000.0),
]


def test_what_is_the_same_every_day_is_stable_by_every_figure() -> None:
    by_trigger, both = by_attributes(STEADY, DAYS)
    assert (by_trigger.by, both.by) == (("trigger",), ("trigger", "traffic"))
    assert [len(keys) for keys in by_trigger.groups.values()] == [3, 5]
    assert both.groups["an API", "1,000 a day and more"] == (key("busy"),)
    for one in (by_trigger, both):
        assert (one.stability.rand, one.stability.kept, one.stability.days) == (1.0, 1.0, DAYS)
        assert set(one.stability.groups.values()) == {1.0}
        assert one.stability.is_stable


def test_traffic_that_changes_from_day_to_day_makes_no_stable_groups() -> None:
    random = Random(1)
    bursts = [
        Daily(key(f"f{n}"), {"an API": [random.choice([0.0, 0.0, 0.0, 30.0, 4_000.0]) for _ in range(DAYS)]})
        for n in range(40)
    ]
    by = {one.by: one.stability for one in by_attributes(bursts, DAYS)}
    assert by["trigger",].is_stable
    assert not by["trigger", "traffic"].is_stable
    assert by["trigger", "traffic"].rand < 0.75


def test_few_days_tell_nothing() -> None:
    short = [one._replace(runs={kind: runs[:3] for kind, runs in one.runs.items()}) for one in STEADY]
    assert by_attributes(short, 3) == []
    assert stability(lambda drawn: ["a", "b"], 3) is None
    assert stability(lambda drawn: [None, None], DAYS) is None


def test_a_group_that_comes_and_goes_is_told_from_one_that_stays() -> None:
    def grouping(drawn: Sequence[int]) -> list[Label]:
        wanders = "stays" if 0 in drawn else "goes"
        return ["stays"] * 6 + ["pair", wanders]

    found = stability(grouping, DAYS, resamples=50)
    assert found is not None
    assert found.groups["pair"] == 1.0
    assert 0.85 < found.groups["stays"] < 1.0
    assert 0.9 < found.kept < 1.0


def test_functions_that_did_not_run_are_left_out_of_the_comparison() -> None:
    found = stability(lambda drawn: ["a", "a", None if 0 in drawn else "b"], DAYS)
    assert found is not None
    assert (found.rand, found.groups["a"]) == (1.0, 1.0)


def test_groups_that_are_known_are_taken_as_they_are() -> None:
    found = stability(lambda drawn: ["x", "x", "y", "y"], DAYS, usual=["a", "b", "a", "b"])
    assert found is not None
    assert found.rand < 0.0
    assert found.kept == 0.0


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("aabb", "xxyy", 1.0),
        ("aaaa", "xxxx", 1.0),
        ("abcd", "wxyz", 1.0),
        ("aabb", "xyxy", -0.5),
        ("aaabbb", "xxyyyy", 0.3243),
    ],
)
def test_the_adjusted_rand_index(one: str, other: str, agreement: float) -> None:
    assert adjusted_rand(one, other) == pytest.approx(agreement, abs=1e-4)


def test_chance_agrees_by_nothing() -> None:
    random = Random(2)
    labels = [[random.randrange(4) for _ in range(2_000)] for _ in range(2)]
    assert abs(adjusted_rand(*labels)) < 0.01


@pytest.mark.parametrize(
    ("a_day", "said"),
    [
        (0.2, "under 1 a day"),
        (1.0, "1 a day and more"),
        (999.0, "100 a day and more"),
        (1_000.0, "1,000 a day and more"),
        (1e9, "1,000,000 a day and more"),
    ],
)
def test_classes_of_traffic(a_day: float, said: str) -> None:
    assert traffic(a_day) == said


def test_only_what_is_known_is_grouped_by() -> None:
    assert told_attributes([steady("f", UNKNOWN, 1.0)]) == []
    told = [steady("f", "an API", 1.0, runtime="python3.13", memory_mb=128.0), steady("g", "an API", 1.0)]
    assert ("trigger", "runtime", "memory") in told_attributes(told)
    assert members_by(told, ("runtime", "memory"), DAYS) == {
        ("python3.13", "128 MB"): (key("f"),),
        (UNKNOWN, UNKNOWN): (key("g"),),
    }
    two = [steady("f", "an API", 1.0), Daily(key("g", "blog"), {"an API": [1.0] * DAYS})]
    assert ("application",) in told_attributes(two)
    silent = [*two, Daily(key("h"), {"an API": [0.0] * DAYS})]
    assert members_by(silent, ("application",), DAYS) == {
        ("blog",): (key("g", "blog"),),
        ("shop",): (key("f"),),
    }
