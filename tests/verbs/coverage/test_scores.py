"""The score of a function's coverage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.testing import make_flow
from coldtrail.verbs.coverage.scores import WEIGHTS, Parts, parts_of, score_of
from coldtrail.verbs.coverage.seen import Seen
from coldtrail.verbs.coverage.told import Told
from tests.verbs.telemetry_files import GET

SHARES = st.floats(0.0, 1.0)


def test_the_weights_add_up() -> None:
    assert sum(WEIGHTS.values()) == 100


@given(SHARES, SHARES, SHARES, st.none() | SHARES, SHARES)
def test_scores_lie_between_nothing_and_all(
    traced: float, calls: float, callers: float, reports: float | None, whole: float
) -> None:
    parts = Parts(traced, calls, callers, reports, whole)
    score = score_of(parts)
    assert 0 <= score <= 100
    better = Parts(1.0, calls, callers, reports, whole)
    assert score_of(better) >= score


def test_the_score_is_the_weighed_mean_of_what_applies() -> None:
    assert score_of(Parts(1.0, 1.0, 1.0, 1.0, 1.0)) == score_of(Parts(1.0, 1.0, 1.0, None, 1.0)) == 100
    assert score_of(Parts(0.5, 1.0, 0.0, 0.0, 1.0)) == 15 + 25 + 15
    assert score_of(Parts(0.0, 0.0, 0.0, None, 0.0)) == 0


def test_parts_are_shares_of_what_there_is() -> None:
    seen = Seen()
    unseen = Facts(unseen=(UnseenCall("S3", "GetObject", "loot", 1.0),))
    seen.add(make_flow([GET], witnesses=("lambda-report", "xray"), facts=unseen))
    seen.add(make_flow([GET], witnesses=("xray",), complete=False, upstream_lost=True, caller=None))
    parts = parts_of(seen, Told(8.0, 2.0, "metrics"))
    assert parts == Parts(0.25, 2 / 3, 0.5, 0.5, 0.5)
    assert parts_of(seen, None).traced == 1.0


@pytest.mark.parametrize(
    ("format_name", "account", "share"),
    [("gcp-trace", "shop-123", None), ("otlp", "", None), ("otlp", "111122223333", 0.0), ("xray", "", 0.0)],
)
def test_reports_are_asked_for_only_where_there_may_be_some(
    format_name: str, account: str, share: float | None
) -> None:
    seen = Seen()
    seen.add(make_flow([GET], witnesses=(format_name,)))
    assert parts_of(seen, None, account).reports == share


def test_nothing_seen_is_nothing_covered() -> None:
    assert score_of(parts_of(Seen(), Told(12.0, 0.0, "metrics"))) == 0
