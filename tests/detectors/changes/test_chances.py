import pytest

from coldtrail.detectors.changes.chances import Chances


def test_what_was_never_seen_is_as_strange_as_the_past_is_long() -> None:
    chances = Chances()
    assert chances.strength("x") == pytest.approx(1.68, abs=0.01)
    for _ in range(14):
        chances.pass_day(10)
    assert chances.strength("x") == pytest.approx(3.8, abs=0.05)


def test_what_was_seen_often_is_not_strange_and_fades() -> None:
    chances = Chances()
    for _ in range(60):
        chances.pass_day(10)
        chances.count("x", 2)
    assert chances.strength("x") < 2.2 < chances.strength("y")
    before = chances.seen["x"]
    chances.pass_day(10)
    assert chances.seen["x"] < before


def test_a_flood_counts_as_one_bad_day() -> None:
    chances = Chances(1_000.0)
    for _ in range(10_000):
        chances.count("x", 10)
    assert chances.seen["x"] == 50.0
    for number in range(1_000):
        chances.count(f"{number}", 1)
    assert len(chances.seen) <= 64
