"""Which silence an alert falls under."""

from __future__ import annotations

import pytest

from coldtrail.alerts.silencing import is_silenced, silencing
from coldtrail.records.silence import Field, Matcher, Silence
from tests.alerts.live_alerts import make_alert, make_silence


@pytest.mark.parametrize(
    ("field", "op", "value", "holds"),
    [
        ("function", "=", "Order", True),
        ("function", "=", "order", False),
        ("function", "!=", "Order", False),
        ("function", "!=", "Other", True),
        ("function", "glob", "Or*", True),
        ("function", "glob", "[", False),
        ("severity", "in", "low, medium", True),
        ("severity", "in", "low,high", False),
        ("kind", "=", "new_resource", True),
        ("account", "=", "", True),
        ("principal", "=", "", True),
        ("detector", "=", "novelty", True),
        ("detector", "!=", "novelty", False),
        ("technique", "=", "T1530", False),
        ("id", "glob", "a*", True),
    ],
)
def test_matchers_look_at_fields(field: Field, op: str, value: str, holds: bool) -> None:
    matcher = Matcher(field, op, value)  # type: ignore[arg-type]
    assert is_silenced(make_alert("a1"), make_silence(matcher)) is holds


def test_all_matchers_have_to_hold_and_none_hold_for_nothing() -> None:
    yes, no = Matcher("function", "=", "Order"), Matcher("severity", "=", "high")
    alert = make_alert("a1")
    assert is_silenced(alert, make_silence(yes, yes))
    assert not is_silenced(alert, make_silence(yes, no))
    assert not is_silenced(alert, make_silence())


def test_the_first_silence_that_holds_is_named() -> None:
    no = Silence("no", (Matcher("kind", "=", "x"),), 0.0, 1.0, "me", "", "benign")
    assert silencing(make_alert("a1"), [no, make_silence(Matcher("kind", "!=", "x"))]) == "s"
    assert silencing(make_alert("a1"), [no]) is None
