"""What is told, as what, and how often."""

from __future__ import annotations

import pytest

from coldtrail.detectors.credentials.states import AccessKey, Habits, Suspicion
from coldtrail.detectors.credentials.telling import is_due, kind_of, shown
from tests.detectors.credentials.sessions import Made

DAY = 86_400.0


@pytest.mark.parametrize(
    ("key", "found", "kind"),
    [
        ({"is_foreign": True}, {"other": 3.0, "place": 3.0}, "session_forged"),
        ({"ended": 5.0}, {"other": 4.0}, "credentials_after_end"),
        ({}, {"other": 4.0}, "credentials_outside"),
        ({}, {"place": 3.0, "agent": 3.0}, "credentials_outside"),
        ({}, {"agent": 3.0}, "credentials_program"),
        ({}, {"looks": 3}, "enumeration"),
        ({}, {"looks": 1}, "unusual_call"),
    ],
)
def test_the_kind_says_what_is_strange_most_of_all(
    key: dict[str, float], found: dict[str, float], kind: str
) -> None:
    assert kind_of(AccessKey(0, **key), Suspicion(0.0, 0.0, **found)) == kind  # type: ignore[arg-type]


def test_a_thing_is_told_once_when_tenfold_and_after_a_quiet_day() -> None:
    habits = Habits(Made("pay").key, True)
    told = [is_due(habits, "kind", float(at), 1) for at in range(100)]
    assert [number for number, one in enumerate(told) if one] == [0, 9, 99]
    assert not is_due(habits, "kind", DAY, 1)
    assert is_due(habits, "kind", 3 * DAY, 1)
    assert is_due(habits, "other", 3 * DAY, 1)


def test_further_keys_are_told_but_not_all() -> None:
    habits = Habits(Made("pay").key, True)
    assert [is_due(habits, "kind", 0.0, key) for key in range(6)] == [True, True, True, False, False, False]


def test_programs_are_shown_with_where_they_run() -> None:
    assert shown("Boto3|AWS_Lambda_python3.11") == "Boto3 in AWS_Lambda_python3.11"
    assert shown("|") == "none"
