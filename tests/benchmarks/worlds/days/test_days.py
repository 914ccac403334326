"""Worlds of function-days: a seed gives the same one, what is planted shows, and the tables add up."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.worlds.days.__main__ import SMALL, main
from benchmarks.worlds.days.attacks import (
    DETECTOR,
    EXPECTED,
    MEMORY_20,
    MEMORY_RAMP,
    SILENCE_120,
    TIMES_20,
    Attack,
    factors,
    on_counts,
    planted,
)  # fmt: skip
from benchmarks.worlds.days.functions import TIMER, drawn_functions
from benchmarks.worlds.days.playing import Alarm, Found, Played, play
from benchmarks.worlds.days.report import a_day, report
from benchmarks.worlds.days.telling import BEGIN, DAY_S
from benchmarks.worlds.days.world import Size, World
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Report

TINY = Size(functions=8, days=12, learned_days=6)


def test_a_seed_gives_the_same_world_and_another_seed_another() -> None:
    one, same, other = (list(World(seed, TINY).days()) for seed in (7, 7, 8))
    assert one == same
    assert one != other


def test_encounters_come_by_their_times_and_before_their_day_ends() -> None:
    since = BEGIN
    for until, batch in World(3, TINY).days():
        assert [one.at for one in batch] == sorted(one.at for one in batch)
        assert all(since - 1 <= one.at < until for one in batch)
        since = until


def test_functions_are_as_real_ones() -> None:
    functions = drawn_functions(np.random.default_rng(1), 2_000)
    rates = np.array([one.rate.a_minute for one in functions])
    assert 0.03 < np.median(rates) < 0.3
    assert 0.4 < np.mean([one.rate.kind == TIMER for one in functions]) < 0.6
    tails = np.exp(2.33 * np.array([one.usage.duration_scatter for one in functions]))
    assert 6 < np.median(tails) < 10
    tails = np.exp(2.33 * np.array([one.usage.memory_scatter for one in functions]))
    assert 1.1 < np.median(tails) < 1.2


@pytest.mark.parametrize(
    ("kind", "resource", "times"), [(MEMORY_20, "memory", 1.2), (MEMORY_RAMP, "memory", 1.01**10)]
)
def test_attacks_change_what_they_say(kind: str, resource: str, times: float) -> None:
    attack = Attack(kind, 0, 10.0, 40.0)
    (found,) = factors(attack, np.array([9.9, 20.0, 40.1])).items()
    assert found[0] == resource
    assert found[1] == pytest.approx([1.0, times, 1.0])


def test_attacks_on_counts_lie_within_their_time() -> None:
    random, counts = np.random.default_rng(1), np.ones(1_440, np.int64)
    on_counts(random, counts, Attack(SILENCE_120, 0, 3.5, 3.5 + 120 / 1_440), 3)
    assert np.flatnonzero(counts == 0).tolist() == list(range(720, 840))
    on_counts(random, counts, Attack(TIMES_20, 0, 3.1, 3.1 + 30 / 1_440), 3)
    assert 300 < counts[144:174].sum() < 900
    assert counts[:144].sum() == 144


def test_every_attack_has_one_who_is_to_find_it() -> None:
    assert DETECTOR.keys() == EXPECTED.keys()
    functions = drawn_functions(np.random.default_rng(2), 200)
    attacks = planted(np.random.default_rng(2), functions, 25, 60, 0.6)
    assert {one.kind for one in attacks} <= DETECTOR.keys()
    assert all(25 <= one.begin < one.end <= 62 for one in attacks)


def test_metrics_or_reports_tell_what_is_used() -> None:
    world = World(5, TINY)
    told = [one for _, batch in world.days() for one in batch]
    reported = {one.actor for one in told if isinstance(one.what, Report)}
    measured = {
        one.actor for one in told if isinstance(one.what, Window) and one.what.memory_mb_max is not None
    }
    assert reported
    assert not reported & measured


def test_a_world_is_played_to_its_end() -> None:
    played = play(4, TINY, ("resources",))
    assert played.detectors == ("resources",)
    assert played.encounters > 1_000
    assert 0 < sum(played.judged_days.values()) <= TINY.functions * 6
    assert "Not there yet" in report([played], 0.03)


def test_alarms_are_counted_against_benign_days() -> None:
    alarms = (Alarm("resources", "resource_level", "memory", 0, 9.0), Alarm("rates", "surge", "", 1, 9.0))
    found = (Found(MEMORY_RAMP, True, 12.0, True), Found(MEMORY_RAMP, True, 31.0, True))
    world = Played(
        1, ("rates", "resources"), {0: 10.0, 1: 10.0}, alarms, found, {"rates": 0, "resources": 2},
        {"rates": 1.0, "resources": 2.0}, 1_000_000, {"rates": 100, "resources": 300}, 0,
    )  # fmt: skip
    share, low, high, number = a_day([world], lambda alarm: alarm.detector == "resources")
    assert (share, number) == (pytest.approx(1 / 20), 1)
    assert low <= share <= high
    text = report([world], 0.03)
    assert "| memory, a function-month | .001 | 1.5000" in text
    assert "| memory +1 %/day | resources | 0.96 | .500" in text
    assert "left out: callers" in text
    assert "| resources | 2.0 | 150 | 0.100 |" in text


@pytest.mark.slow
def test_the_small_world_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--small", "--seeds", "1", "--jobs", "1", "--detectors", "resources"]) == 0
    assert f"1 worlds, {SMALL.functions} functions" in capsys.readouterr().out
    assert DAY_S == 86_400
