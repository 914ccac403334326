"""Each thing is told once, and again tenfold or after a quiet day."""

from __future__ import annotations

from coldtrail.detectors.egress.states import Telling
from coldtrail.detectors.egress.telling import is_due, is_news, subject_of
from tests.detectors.egress.days import ACCOUNT, PAY, REGION

DAY = 86_400.0


def test_once_tenfold_and_after_a_quiet_day() -> None:
    told: dict[str, Telling] = {}
    assert [is_due(told, "a", at, amount) for at, amount in ((0, 5.0), (1, 6.0), (2, 50.0), (3, 60.0))] == [
        True,
        False,
        True,
        False,
    ]
    assert not is_due(told, "a", DAY, 5.0)
    assert is_due(told, "a", 2.5 * DAY, 5.0)
    for number in range(50):
        is_due(told, f"b{number}", 0.0)
    assert len(told) == 8


def test_a_subject_is_the_only_function_or_what_they_share() -> None:
    assert subject_of([PAY], ACCOUNT, REGION, "eni-1").function_name == "pay"
    both = subject_of([PAY, PAY._replace(function="sweep")], ACCOUNT, REGION, "eni-1")
    assert (both.kind, both.application_name) == ("application", "shop")
    assert subject_of([], ACCOUNT, REGION, "eni-1").application_name == "eni-1"


def test_what_lasts_is_no_news_after_a_quiet_day_but_tenfold() -> None:
    told: dict[str, Telling] = {}
    asked = [(0.0, 5.0), (3 * DAY, 6.0), (6 * DAY, 49.0), (7 * DAY, 50.0)]
    assert [is_news(told, "a", at, amount) for at, amount in asked] == [True, False, False, True]
    told.clear()
    assert is_news(told, "a", 8 * DAY, 5.0)
