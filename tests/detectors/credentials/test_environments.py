"""Calls that no trace shows, and environments that ended."""

from __future__ import annotations

from coldtrail.detectors.credentials.environments import ended, signals_of_run
from coldtrail.detectors.credentials.states import AccessKey, Habits, Pool
from coldtrail.features.recent import mark
from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.records.signal import Signal
from coldtrail.testing import make_flow
from tests.detectors.credentials.sessions import Made

PAY = Made("pay")


def run(habits: Habits, *calls: tuple[str, str], at: float = 100.0, untraced: bool = False) -> Signal | None:
    unseen = tuple(UnseenCall(service, operation, None, at - 1) for service, operation in calls)
    flow = make_flow([("GetItem", "DynamoDB", "Stock", 0.01)], facts=Facts(unseen=unseen, untraced=untraced))
    return signals_of_run(flow, habits, at, Pool(runs=5_000))


def taught(*calls: tuple[str, str]) -> Habits:
    habits = Habits(PAY.key, True)
    for _ in range(200):
        assert run(habits, *calls) is None
    return habits


def test_a_call_that_no_step_shows_is_told_once() -> None:
    habits = taught()
    found = run(habits, ("S3", "GetObject"))
    assert found is not None
    assert (found.finding.kind, found.alone, found.count) == ("unseen_calls", False, 1)
    assert [ref.kind for ref in found.refs] == ["flow", "trace"]
    assert run(habits, ("S3", "GetObject")) is None


def test_several_that_look_around_are_an_alert() -> None:
    found = run(taught(), ("S3", "GetObject"), ("IAM", "ListRoles"), ("S3", "ListBuckets"))
    assert found is not None
    assert found.alone
    assert found.finding.step is not None
    assert found.finding.step.action == "ListRoles"


def test_what_the_traces_never_show_is_usual() -> None:
    assert run(taught(("SSM", "GetParameter")), ("SSM", "GetParameter")) is None


def test_runs_that_no_trace_tells_of_say_nothing_of_what_traces_miss() -> None:
    assert run(taught(), ("S3", "GetObject"), untraced=True) is None


def test_an_environment_ends_once() -> None:
    keys = [AccessKey(0, instance=mark("i-1")), AccessKey(0, instance=mark("i-2"))]
    ended(keys, "i-1", 5.0)
    ended(keys, "i-1", 9.0)
    assert [one.ended > 0 for one in keys] == [True, False]
    assert keys[0].ended == 5.0
