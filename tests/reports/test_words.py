"""Sentences, durations, times and shares as people read them."""

from __future__ import annotations

import math

import pytest

from coldtrail.records import Reason
from coldtrail.reports.words import (
    counted,
    duration,
    headline,
    kind_name,
    moment,
    number,
    odds,
    one_in,
    sentence,
    share,
)
from tests.reports.stories import HOSTILE

KINDS = (
    "order",
    "omission",
    "count",
    "new_resource",
    "new_action",
    "new_event",
    "duration",
    "trigger",
    "unheard_of",
)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_sentence_with_both_sides(kind: str) -> None:
    told = sentence(Reason(kind, "e1", "PutItem", "Booking", "one thing", "another thing", 1.0))
    assert "one thing" in told
    assert "another thing" in told
    assert told.endswith(".")
    assert kind_name(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_empty_fields_leave_no_holes(kind: str) -> None:
    told = sentence(Reason(kind, None, "", None, "", "", 0.0))
    assert told == headline(Reason(kind, None, "", None, "", "", 0.0))
    assert "None" not in told
    assert "nothing" in sentence(Reason(kind, None, "", None, "x", "", 0.0))


@pytest.mark.parametrize("name", HOSTILE)
def test_sentences_are_safe_to_print(name: str) -> None:
    assert sentence(Reason(name, name, name, name, name, name, 1.0)).isprintable()
    assert kind_name(name).isprintable()


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 ms"), (0.0042, "4.2 ms"), (0.008, "8.0 ms"), (0.149, "149 ms"), (0.9999, "1 s"),
        (4.65, "4.65 s"), (59.99, "1 min 0 s"), (185, "3 min 5 s"), (7380, "2 h 3 min"),
        (math.nan, "unknown"),
    ],
)  # fmt: skip
def test_durations_have_fitting_units(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("part", "told"),
    [(0, "0 %"), (0.0004, "< 0.1 %"), (0.003, "0.3 %"), (0.0215, "2.1 %"), (0.5, "50 %"), (1, "100 %")],
)
def test_shares_have_no_false_precision(part: float, told: str) -> None:
    assert share(part) == told


def test_numbers_are_grouped_and_counted() -> None:
    assert [number(value) for value in (3, 9.7, 12345.678)] == ["3", "9.7", "12,345.68"]
    assert [number(value) for value in (math.inf, math.nan)] == ["unbounded", "unknown"]
    assert (counted(1, "alert"), counted(1204, "alert")) == ("1 alert", "1,204 alerts")


def test_times_are_utc_and_never_fail() -> None:
    assert moment(1_763_630_000) == "2025-11-20 09:13:20"
    assert [moment(value) for value in (math.nan, math.inf, 1e30, -1e30)] == ["unknown"] * 4


_RARER = "Fewer than 1 in 3,812 of its runs is as strange: all that its history can tell."


@pytest.mark.parametrize(
    ("kind", "one_in", "runs", "told"),
    [
        ("order", None, 3812, ""),
        ("order", 420.3, 0, ""),
        ("order", 420.3, 3812, "About 1 in 420 of its runs is as strange."),
        ("order", 3813.0, 3812, _RARER),
        ("new_resource", 3813.0, 3812, "Never in the 3,812 runs learned."),
        (
            "new_resource",
            61.7,
            300,
            "Never in the 300 runs learned; something as new comes in about 1 in 62.",
        ),
        ("trigger", 2.0, 1, "Never in the 1 run learned."),
    ],
)
def test_odds_are_plain_and_claim_no_more_than_the_history(
    kind: str, one_in: float | None, runs: int, told: str
) -> None:
    reason = Reason(kind, "e", "PutObject", "out", "one", "two", 1.0, one_in, runs)
    assert odds(reason) == told
    assert sentence(reason).endswith(told or ".")


def test_a_look_alike_and_a_shared_resource_are_told() -> None:
    near = Reason("new_resource", "e", "PutObject", "audlt", "", "", 1.0, near="audit")
    assert "Its name is one letter from audit." in sentence(near)
    shared = Reason("new_resource", "e", "PutObject", "out", "", "", 1.0, elsewhere=True)
    assert "Other functions do touch it." in sentence(shared)


def test_chances_are_told_as_odds() -> None:
    assert one_in(0.000262) == "1 in 3,800"
    assert one_in(1.0) == one_in(0.0) == ""
