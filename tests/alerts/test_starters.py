"""Who started the strange runs of an alert."""

from __future__ import annotations

import random

from msgspec.structs import replace

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.parts import Sighting, starter_of
from coldtrail.alerts.starters import MOST_EVIDENCE, MOST_STARTERS, starters_of
from coldtrail.records.alert import Severity
from coldtrail.records.facts import Facts
from coldtrail.records.finding import Origin
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from coldtrail.testing import make_flow
from tests.alerts.test_alerts import make_pair, make_reason

DIRECTLY = make_reason("trigger", "Invoke", "", found=Origin("direct"))


def run(who: str, at: float, number: int = 0) -> Sighting:
    return Sighting(at, f"{who}-{number}", f"trace-{who}-{number}", at + 2.0, who)


def many_are_high(count: int) -> Severity:
    return "high" if count > 1 else "medium"


def test_each_is_told_with_the_runs_of_its_own() -> None:
    first, nobody, second = starters_of(
        [run("p", 1.0), run("", 2.0), run("q", 3.0), run("p", 9.0, 1)], many_are_high
    )
    assert (first.principal, nobody.principal, second.principal) == ("p", "", "q")
    assert (first.first_seen, first.last_seen, first.certain_at, first.count) == (1.0, 9.0, 3.0, 2)
    assert (first.severity, second.severity) == ("high", "medium")
    assert [one.function_flow_id for one in first.evidence] == ["p-0", "p-1"]
    assert [one.application_flow_id for one in second.evidence] == ["trace-q-0"]


def test_they_are_bounded_and_so_is_what_they_show() -> None:
    told = starters_of(
        [run(f"p{number}", float(number)) for number in range(2 * MOST_STARTERS)], many_are_high
    )
    assert len(told) == MOST_STARTERS
    assert told[-1].count == MOST_STARTERS + 1
    (one,) = starters_of([run("p", float(number), number) for number in range(90)], many_are_high)
    assert (one.count, len(one.evidence)) == (90, MOST_EVIDENCE)


def test_a_service_of_the_cloud_is_nobody() -> None:
    assert starter_of(make_flow([], facts=Facts(principal="p"))) == "p"
    assert starter_of(make_flow([], facts=Facts(principal="p", invoked_by="events.amazonaws.com"))) == ""
    assert starter_of(make_flow([])) == ""


def started_by(who: str, number: int, start: float) -> tuple[Verdict, Flow]:
    verdict, flow = make_pair(f"f{number}", DIRECTLY, start=start)
    return verdict, replace(flow, facts=Facts(principal=who))


def test_an_alert_of_who_starts_runs_tells_them_in_whatever_order_the_runs_come() -> None:
    pairs = [started_by(who, number, 100.0 * number) for number, who in enumerate(("p", "q", "p", "q"))]
    told = []
    for seed in range(5):
        random.Random(seed).shuffle(pairs)
        (alert,) = alerts_from(pairs)
        told.append([(one.principal, one.count, one.first_seen) for one in alert.starters])
    assert told[0] == [("p", 2, 0.0), ("q", 2, 100.0)]
    assert all(one == told[0] for one in told)


def test_of_what_runs_do_nobody_is_told_to_have_started_them() -> None:
    (alert,) = alerts_from([make_pair("f", make_reason("new_action", "Scan", "Orders"))])
    assert alert.starters == ()


def test_who_started_a_run_may_be_told_late() -> None:
    verdict, flow = started_by("p", 1, 100.0)
    for pairs in (
        [(verdict, replace(flow, facts=None)), (verdict, flow)],
        [(verdict, flow), (verdict, flow)],
    ):
        (alert,) = alerts_from(pairs)
        assert [(one.principal, one.count) for one in alert.starters] == [("p", 1)]
