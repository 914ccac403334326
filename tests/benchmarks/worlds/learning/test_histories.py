"""Histories: of the size that is said, with what is hidden in them and nothing else."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.worlds.attacks import ATTACKS, new_bucket, new_host, own_step_more
from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.grammars import Call
from benchmarks.worlds.learning import growth, sizes
from benchmarks.worlds.learning.ground import attacked_day, history_of, learned_of
from benchmarks.worlds.learning.poison import copies, held_in
from benchmarks.worlds.product import Told
from benchmarks.worlds.runs import Run
from benchmarks.worlds.scenes import READY, THIN
from benchmarks.worlds.world import DAY_S, START, World

WORLD = Drawing(22).world()


def busiest(world: World) -> str:
    """The function that runs most."""
    ((name, _),) = learned_of(history_of(world)).most_common(1)
    return name


BUSIEST = busiest(WORLD)


@pytest.mark.parametrize("seed", range(20, 24))
def test_a_history_of_nine_functions_is_long_enough(seed: int) -> None:
    world = sizes.nine_functions(seed)
    assert len(world.functions) == sizes.FUNCTIONS
    assert len(history_of(world)) >= sizes.SIZES[-1]


def test_thinned_functions_keep_their_last_twenty_to_forty_nine_runs() -> None:
    runs = history_of(WORLD)
    left = list(sizes.thinned(runs, [BUSIEST], Random(1)))
    kept = [run for run in left if run.function == BUSIEST]
    assert THIN <= len(kept) < READY
    assert kept == [run for run in runs if run.function == BUSIEST][-len(kept) :]
    assert [run for run in left if run.function != BUSIEST] == [
        run for run in runs if run.function != BUSIEST
    ]


def test_copies_are_the_same_attack_over_and_over() -> None:
    for attack in (new_bucket, new_host):
        found = copies(WORLD, attack, BUSIEST, 5, (START, START + DAY_S))
        assert len(found) == 5
        assert len({call.target for run in found for call in run.calls if call.planted}) == 1
        assert all(START <= run.start < START + DAY_S for run in found)
    later = copies(WORLD, new_bucket, BUSIEST, 1, (START + DAY_S, START + 2 * DAY_S))
    earlier = copies(WORLD, new_bucket, BUSIEST, 1, (START, START + DAY_S))
    assert planted(later) == planted(earlier)


def planted(runs: list[Run]) -> set[str]:
    return {call.target for run in runs for call in run.calls if call.planted}


def test_no_copies_are_made_where_none_are_asked_for_or_there_is_no_occasion() -> None:
    assert copies(WORLD, new_bucket, BUSIEST, 0, (START, START + DAY_S)) == []
    number = len(copies(WORLD, own_step_more, BUSIEST, 3, (START, START + DAY_S)))
    assert number in (0, 3)


def test_what_was_held_back_is_read_from_what_training_answers() -> None:
    rare = [{"held": True, "flow_ids": ["a", "b"]}, {"held": False, "flow_ids": ["c"]}]
    assert held_in({"rare": rare}) == {"a", "b"}


def test_a_busy_function_runs_as_often_as_is_asked() -> None:
    function = WORLD.functions[BUSIEST]
    runs = list(growth.runs_of(WORLD, function, "some", START, 3_000))
    assert len(runs) == 3_000
    assert {run.function for run in runs} == {BUSIEST}
    assert runs[-1].start - START == pytest.approx(3_000 / growth.A_DAY * DAY_S, rel=0.1)


def test_half_of_the_runs_lose_a_step_from_the_onset_on() -> None:
    function = WORLD.functions[BUSIEST]
    step = next(part.kind for part in growth.parts_of(function) if isinstance(part, Call))
    change = growth.lost(step, growth.onset(START))
    runs = list(growth.runs_of(WORLD, function, "lost", START, 2 * growth.LASTING_RUNS, change))
    lack = [
        (run.start >= growth.onset(START), all(call.letter != step.letter for call in run.calls))
        for run in runs
        if not run.failed
    ]
    assert not any(lacks for after, lacks in lack if not after)
    after = [lacks for is_after, lacks in lack if is_after]
    assert sum(after) / len(after) == pytest.approx(0.5, abs=0.1)


def test_a_day_has_attacks_on_the_functions_asked_for_alone() -> None:
    day = attacked_day(WORLD, [BUSIEST], Random(3))
    attacked = [run for run in day if run.attack is not None]
    assert {run.function for run in attacked} == {BUSIEST}
    assert len({run.attack for run in attacked}) >= 8
    assert [run.start for run in attacked] == sorted(run.start for run in attacked)
    assert {run.attack for run in attacked} <= {attack.__name__.replace("_", " ") for attack in ATTACKS}


def test_what_lasts_is_told_by_alerts_of_many_runs_after_it_began() -> None:
    def told(at: float, score: float | None, count: int, function: str = "one") -> bool:
        alert = {"subject": {"function_name": function}, "told_at": at, "score": score, "count": count}
        return growth.is_told(Told({}, [alert], []), "one", 100.0)

    assert told(120.0, None, 1)
    assert told(120.0, 5.0, growth.MANY)
    assert not told(120.0, 5.0, 1)
    assert not told(90.0, None, 1)
    assert not told(120.0, None, 1, "other")
