"""A few kills of each verb: `make fuzz` makes two hundred."""

from __future__ import annotations

import pytest

from benchmarks.fuzz.kills import VERBS, Killer, place


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_killed_leaves_the_old_or_the_new(verb: str) -> None:
    with place() as where:
        killer = Killer(7, where.work)
        VERBS[verb](where, killer, 5)
    assert killer.seen["killed"] > 0
