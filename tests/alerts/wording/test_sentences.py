"""Sentences as people read them."""

from __future__ import annotations

import pytest
from msgspec import structs

from coldtrail.alerts.wording.sentences import evidence_name, headline, kind_name, odds, sentence
from coldtrail.records.finding import Feature, Finding, Origin, Seconds, StepValue, Subject, UsualStep, Value
from coldtrail.records.verdict import Reason
from tests.findings import reason, step_seen, usually
from tests.reports.stories import HOSTILE, hostile_reason

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
    told = sentence(reason(kind, "PutItem", "Booking", usually("One thing"), step_seen("Another thing")))
    assert "One thing" in told
    assert "Another thing" in told
    assert told.endswith(".")
    assert kind_name(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_empty_fields_leave_no_holes(kind: str) -> None:
    bare = Reason(Finding(kind, Subject("function")))
    assert sentence(bare) == headline(bare)
    assert "None" not in sentence(bare)
    known = Finding(kind, Subject("function"), None, usually("x"))
    assert "nothing" in sentence(Reason(known))


@pytest.mark.parametrize("name", HOSTILE)
def test_sentences_are_safe_to_print(name: str) -> None:
    assert sentence(hostile_reason(name, name)).isprintable()
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
    found = structs.replace(reason(kind, usual=usually("One")), odds=one_in, runs=runs)
    assert odds(found) == told
    assert sentence(found).endswith(told or ".")


def test_a_look_alike_and_a_shared_resource_are_told() -> None:
    near = structs.replace(reason("new_resource", target="audlt"), near="audit")
    assert "Its name is one letter from audit." in sentence(near)
    shared = structs.replace(reason("new_resource"), elsewhere=True)
    assert "Other functions do touch it." in sentence(shared)


@pytest.mark.parametrize(
    ("kind", "usual", "seen", "told", "label"),
    [
        ("order", usually("Get on S3 out"), step_seen("Get on S3 out", True), "Get on out failed", "Failure"),
        ("order", UsualStep(None), StepValue(None, failed=True), "The run failed", "Failure"),
        (
            "order",
            usually("Put on S3 out"),
            step_seen("Get on S3 out", True),
            "out of its usual order",
            "Unusual order",
        ),
        ("duration", None, Seconds(5.0, "own_code"), "own code, not its calls", "Unusual duration"),
        ("duration", None, Seconds(5.0, "run_itself"), "none of its steps accounts", "Unusual duration"),
        ("duration", None, Seconds(5.0), "Get on out took unusually long", "Unusual duration"),
        ("duration", None, Feature("duration", 5.0), "Get on out took unusually long", "Unusual duration"),
        (
            "trigger",
            None,
            Origin(None, invocation_type="synchronous"),
            "The function was started in a way",
            "Way of starting",
        ),
        ("trigger", None, Origin(None), "Nothing on record started", "No trigger"),
    ],
)
def test_each_sentence_says_no_more_than_what_was_seen(
    kind: str, usual: Value | None, seen: Value, told: str, label: str
) -> None:
    found = reason(kind, "Get", "out", usual, seen)
    assert told in headline(found)
    assert evidence_name(found) == label
