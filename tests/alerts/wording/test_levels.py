"""Levels in words."""

from __future__ import annotations

import pytest

from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.alerts.wording.levels import level, starter
from coldtrail.records.finding import Finding, Level, Origin, StepKey, Subject, Unit
from coldtrail.testing import START

ORDER = Subject("function", application_name="shop", function_name="Order")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.5, "seconds", "500 ms"),
        (3.14159, "steps", "3.14"),
        (1234.5, "runs_an_hour", "1,230"),
        (0.5, "share", "50 %"),
        (0.004, "share", "1 in 250"),
        (0.0, "share", "0 %"),
    ],
)
def test_an_amount_is_told_in_its_unit(value: float, unit: Unit, words: str) -> None:
    assert level(Level(value, unit)) == words


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (None, "something that seldom or never started it"),
        (Origin(None), "nobody on record"),
        (Origin(None, lost=True), "nobody that the telemetry names"),
        (Origin("AWS::SNS a"), "AWS::SNS a"),
    ],
)
def test_who_starts_a_function_is_told(origin: Origin | None, words: str) -> None:
    assert starter(origin) == words
    now = Level(0.9, "share", START, 31, origin)
    finding = Finding("callers_drift", ORDER, None, Level(0.1, "share"), now)
    assert expected(finding) == "10 % of the runs are started so"
    assert seen(finding) == f"90 % of 31 runs since 2026-11-18 11:06:40 UTC, by {words}"


def test_what_has_stopped_is_named() -> None:
    step = StepKey("PutItem", "DynamoDB", "Audit")
    now = Level(0.0, "share", START, 31)
    finding = Finding("no_step", ORDER, step, Level(0.2, "share"), now)
    assert seen(finding) == "none of 31 runs since 2026-11-18 11:06:40 UTC: PutItem on Audit"
