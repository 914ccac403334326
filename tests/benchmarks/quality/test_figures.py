"""Shares, intervals and tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality.figures import Rate, each, number, pooled, pooled_by_name, short, told
from benchmarks.quality.tables import plain, section, table


def test_the_interval_is_wilsons() -> None:
    """Newcombe (1998), table 1: 81 of 263 and 0 of 20."""
    assert Rate(81, 263).interval() == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert Rate(0, 20).interval() == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert Rate().interval() == (0.0, 1.0)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share(counts: tuple[int, int]) -> None:
    rate = Rate(*counts)
    low, high = rate.interval()
    assert rate.share is not None
    assert 0.0 <= low <= rate.share + 1e-12
    assert rate.share - 1e-12 <= high <= 1.0


def test_rates_pool_by_their_counts() -> None:
    assert pooled([Rate(1, 2), Rate(0, 8)]) == Rate(1, 10)
    assert pooled([]).share is None
    tables = [{"b": Rate(1, 1)}, {"a": Rate(0, 3), "b": Rate(1, 4)}]
    assert pooled_by_name(tables) == {"a": Rate(0, 3), "b": Rate(2, 5)}


def test_shares_are_told_with_their_counts() -> None:
    assert told(Rate(81, 263)) == ".308 (.255 to .366; 81/263)"
    assert short(Rate(1, 1)) == "1.000 (1/1)"
    assert told(Rate()) == short(Rate()) == "-"
    assert number(0.9996) == "1.000"
    assert number(None) == "-"


def test_the_seeds_are_told_by_their_lowest_and_highest() -> None:
    assert each([Rate(1, 4), Rate(0, 4), Rate()]) == ".0000 to .2500"
    assert each([Rate(1, 4)], 2) == ".25"
    assert each([]) == "-"


def test_columns_line_up() -> None:
    text = table(("what", "bar"), [("recall", ".99"), ("a", "")])
    assert text.splitlines() == [
        "| what   | bar |",
        "| ------ | --- |",
        "| recall | .99 |",
        "| a      |     |",
    ]
    assert table(("what",), []) == ""
    assert section("## One", "", text).startswith("## One\n\n| what")
    assert plain("data_leakage") == "data leakage"
