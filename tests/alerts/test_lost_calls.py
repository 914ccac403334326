"""Steps that are missing at random in several functions are one gap."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.correlation import WITHIN_S
from coldtrail.records.alert import Alert
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from tests.alerts.test_alerts import make_pair, make_reason
from tests.findings import usually

FUNCTIONS = ("Reserve", "Collect", "Confirm", "Notify")
Pair = tuple[Verdict, Flow]


def left_out(function: str, step: str, number: int, runs: int = 0, apart_s: float = 60.0) -> list[Pair]:
    """Runs of a function that left out a step, among normal ones."""
    reason = make_reason("omission", "Query", "Next", usually(step))
    pairs = [make_pair(f"{function}-{step}-{n}", reason, function=function) for n in range(number)]
    pairs = [at(pair, apart_s * n) for n, pair in enumerate(pairs)]
    return pairs + [
        make_pair(f"{function}-{step}-ok{n}", function=function, verdict="normal") for n in range(runs)
    ]


def at(pair: Pair, later_s: float) -> Pair:
    verdict, flow = pair
    start = verdict.start_time + later_s
    return replace(verdict, start_time=start), replace(flow, start_time=start)


def gap(functions: Sequence[str] = FUNCTIONS) -> list[Pair]:
    """Two steps of each function are missing in two or three runs of two hundred."""
    return [
        pair
        for name in functions
        for number in (2, 3)
        for pair in left_out(name, f"Get{number} on S3 {name}", number, 100)
    ]


def told(pairs: Sequence[Pair]) -> dict[str, Alert]:
    return {alert.title: alert for alert in alerts_from(pairs)}


TITLE = "Calls are missing in 4 functions at once: probably a gap in the telemetry"


def test_calls_missing_at_random_are_one_alert_with_the_counts() -> None:
    (alert,) = alerts_from(gap())
    assert (alert.title, alert.severity, alert.count) == (TITLE, "medium", 4 * 5)
    assert alert.key.function in FUNCTIONS
    assert alert.technique is None
    assert sorted(alert.details)[0] == "Collect: left out Get2 on S3 Collect: 2 runs"
    assert len(alert.details) == 8
    assert "{" not in "".join(step.told for step in alert.next_steps)


def test_the_order_of_flows_does_not_matter() -> None:
    assert alerts_from(gap()) == alerts_from(gap()[::-1])


def test_few_functions_are_no_gap() -> None:
    assert TITLE not in told(gap(FUNCTIONS[:2]))
    assert len(alerts_from(gap(FUNCTIONS[:2]))) == 4


def test_one_step_missing_everywhere_is_no_gap() -> None:
    pairs = [pair for name in FUNCTIONS for pair in left_out(name, "PutItem on S3 Audit", 3, 100)]
    assert len(alerts_from(pairs)) == len(FUNCTIONS)
    more = [pair for name in FUNCTIONS[:3] for pair in left_out(name, f"Get on S3 {name}", 1, 100)]
    assert len(alerts_from(pairs + more)) == len(FUNCTIONS) + 3


def test_a_step_missing_far_more_often_than_the_others_stands_by_itself() -> None:
    alerts = told(gap() + left_out("Reserve", "PutItem on S3 Audit", 60))
    assert alerts[TITLE].count == 4 * 5
    assert alerts["Reserve left out a usual step: PutItem on S3 Audit"].count == 60


def test_steps_missing_at_other_times_are_no_gap() -> None:
    apart = [at(pair, 2 * WITHIN_S * FUNCTIONS.index(pair[1].function_name)) for pair in gap()]
    assert len(alerts_from(apart)) == 2 * len(FUNCTIONS)


def test_what_else_alarms_stands_by_itself() -> None:
    leak = make_pair("leak", make_reason("new_resource", "PutObject", "loot"), function="Reserve")
    assert len(alerts_from([*gap(), leak])) == 2


def test_what_a_run_does_besides_is_no_line_of_a_gap() -> None:
    pairs = gap()
    (verdict, flow), *rest = pairs
    more = make_reason("new_action", "DeleteTable", "Orders")
    more = replace(more, contribution=verdict.threshold + 0.1)
    alerts = told([(replace(verdict, reasons=(*verdict.reasons, more)), flow), *rest])
    assert alerts[TITLE].count == 4 * 5 - 2
    assert alerts["Reserve left out a usual step: Get2 on S3 Reserve"].count == 2
