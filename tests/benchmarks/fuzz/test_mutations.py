"""What fuzzers make of JSON values: the same for a number, whatever came before, and never without bound."""

from __future__ import annotations

import json
from random import Random

from benchmarks.fuzz import mutations

THING = {"rows": [[1, 2, {"name": "a"}], [], {}], "settings": {"budget": 0.003, "names": ["x", "y"]}}


def test_a_case_is_the_same_whatever_cases_came_before() -> None:
    alone = [_changed(number) for number in range(200)]
    assert [_changed(number) for number in reversed(range(200))] == alone[::-1]


def test_changes_upon_changes_stay_small() -> None:
    random, thing = Random(5), json.loads(json.dumps(THING))
    for _ in range(60):
        thing = mutations.changed(random, thing)
    assert len(json.dumps(thing)) < 60 * 5 * 1_100_000


def _changed(number: int) -> str:
    return json.dumps(mutations.changed(Random(number), json.loads(json.dumps(THING))))


def test_what_is_deep_is_left_as_it_is_so_that_it_can_be_written() -> None:
    for number in range(50):
        deep = {"a": mutations.nested(300), "b": [1]}
        assert mutations.changed(Random(number), deep) == {"a": mutations.nested(300), "b": [1]}


def test_levels_are_counted() -> None:
    assert mutations.levels(1) == 0
    assert mutations.levels({"a": [{}, [1]]}) == 3
    assert mutations.levels(mutations.nested(300)) == 300
