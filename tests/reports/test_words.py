"""Sentences, durations, times and shares as people read them."""

from __future__ import annotations

import pytest

from coldtrail.alerts.phrases import OWN_CODE, RUN_FAILED, RUN_ITSELF
from coldtrail.records.flow import NOBODY
from coldtrail.records.verdict import Reason
from coldtrail.reports.words import evidence_name, headline, kind_name, odds, one_in, sentence
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


@pytest.mark.parametrize(
    ("kind", "expected", "seen", "told", "label"),
    [
        (
            "order",
            "Get on S3 out (nearly always)",
            "Get on S3 out, which failed",
            "Get on out failed",
            "Failure",
        ),
        ("order", "the end of the run", RUN_FAILED, "The run failed", "Failure"),
        ("order", "Put on S3 out", "Get on S3 out, which failed", "out of its usual order", "Unusual order"),
        ("duration", "", f"{OWN_CODE} 5 s", "The function's own code, not its calls", "Unusual duration"),
        ("duration", "", f"{RUN_ITSELF} 5 s", "none of its steps accounts for", "Unusual duration"),
        ("duration", "", "Get on S3 out 5 s", "Get on out took unusually long", "Unusual duration"),
        ("trigger", "", NOBODY, "Nothing on record started", "No trigger"),
    ],
)
def test_each_sentence_says_no_more_than_what_was_seen(
    kind: str, expected: str, seen: str, told: str, label: str
) -> None:
    reason = Reason(kind, "e", "Get", "out", expected, seen, 1.0)
    assert told in headline(reason)
    assert evidence_name(reason) == label
