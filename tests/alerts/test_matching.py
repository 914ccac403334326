from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.alerts.matching import matches
from coldtrail.records.alert import Technique
from coldtrail.records.silence import Field, Matcher
from tests.reports.stories import alerts

ALERT = replace(
    alerts()[0],
    technique=Technique("TA0003", "Persistence", "T1098.003", "Account Manipulation: Roles"),
    detectors=("sequence", "novelty"),
)


def holds(field: Field, op: str, value: str) -> bool:
    return matches((Matcher(field, op, value),), ALERT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("function", "=", ALERT.key.function, True),
        ("function", "!=", ALERT.key.function, False),
        ("function", "glob", ALERT.key.function[:3] + "*", True),
        ("function", "glob", ALERT.key.function[:3], False),
        ("function", "in", f"another, {ALERT.key.function}", True),
        ("application", "in", "another", False),
        ("id", "=", ALERT.id, True),
        ("severity", "=", ALERT.severity, True),
        ("technique", "=", "T1098", True),
        ("technique", "=", "T1098.003", True),
        ("technique", "!=", "T1098", False),
        ("technique", "glob", "T109?", True),
        ("detector", "=", "novelty", True),
        ("detector", "!=", "rates", True),
        ("principal", "=", "", True),
        ("kind", "glob", "[", False),
    ],
)
def test_matchers_mean_what_they_say(field: Field, op: str, value: str, expected: bool) -> None:
    assert holds(field, op, value) is expected


def test_all_matchers_have_to_hold() -> None:
    right, wrong = Matcher("function", "=", ALERT.key.function), Matcher("region", "=", "nowhere")
    assert matches((), ALERT)
    assert matches((right, right), ALERT)
    assert not matches((right, wrong), ALERT)
