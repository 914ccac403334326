"""Groups: one alert for one trouble, and every flow in exactly one of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.flow_table import FlowTable
from coldtrail.alerts.groups import Group
from coldtrail.alerts.parts import Sighting
from coldtrail.records.finding import FindingKey, Origin
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Reason, Verdict
from tests.alerts.test_alerts import KINDS, make_pair, make_reason

LEARNED = {FunctionKey("1", "r", "app", "Confirm"): frozenset({"1"})}
NEW_STEP = make_reason("new_action", "Scan", "Orders")
LEAK = make_reason("new_resource", "PutObject", "loot")


def run(
    flow_id: str, *reasons: Reason, version: str | None = "1", trace: str = "t1", function: str = "Confirm"
) -> tuple[Verdict, Flow]:
    verdict, flow = make_pair(
        flow_id, function=function, verdict="anomalous" if reasons else "normal", reasons=reasons
    )
    return verdict, msgspec.structs.replace(flow, version=version, application_flow_id=trace)


def counts(pairs: Sequence[tuple[Verdict, Flow]]) -> dict[str, int]:
    return {alert.title: alert.count for alert in alerts_from(pairs, LEARNED)}


def test_a_new_bucket_each_time_is_one_alert() -> None:
    pairs = [make_pair(f"f{n}", make_reason(target=f"bucket-{n}"), score=5.0 + n) for n in range(50)]
    (alert,) = alerts_from(pairs)
    assert (
        alert.title == "Confirm wrote to S3 bucket bucket-49, which it never touched before; 49 more like it"
    )
    assert alert.count == 50
    assert alert.details[0] == "wrote to S3 bucket bucket-49: 1 run"
    assert alert.details[-1] == "and 38 more"


def test_objects_of_one_bucket_are_one_alert_and_buckets_are_not() -> None:
    objects = [make_pair(f"f{n}", make_reason("count", target=f"data/in/{n}.csv")) for n in range(2)]
    other = make_pair("g", make_reason("count", target="more/in/1.csv"))
    alerts = alerts_from([*objects, other])
    assert sorted(alert.count for alert in alerts) == [1, 2]
    (first,) = alerts_from(objects[:1])
    assert first.id in {alert.id for alert in alerts}


def test_runs_that_a_call_started_are_told_with_it() -> None:
    invoke = make_reason("new_resource", "Invoke", "Ingest")
    woken = make_reason("trigger", "Invocation", None, found=Origin("Lambda Ingest"))
    calls = [run(f"c{n}", invoke, trace=f"t{n}", function="Notify") for n in range(6)]
    started = [run(f"s{n}", woken, trace=f"t{n}", function="Ingest") for n in range(6)]
    (alert,) = alerts_from([*started, *calls])
    assert (alert.key.function, alert.count) == ("Notify", 12)
    assert alert.details == ("Ingest: 6 runs that these calls started",)
    elsewhere = [run(f"s{n}", woken, trace=f"x{n}", function="Ingest") for n in range(6)]
    assert [alert.count for alert in alerts_from([*elsewhere, *calls])] == [6, 6]


def test_what_all_runs_do_hides_nothing_that_few_do() -> None:
    table = make_reason("new_resource", "GetItem", "Seats")
    pairs = [run(f"n{n}", table) for n in range(30)] + [run(f"leak{n}", table, LEAK) for n in range(3)]
    assert counts(pairs) == {
        "Confirm read from S3 bucket Seats, which it never touched before": 30,
        "Confirm wrote to S3 bucket loot, which it never touched before": 3,
    }


rows = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 4)), max_size=3),
        st.sampled_from(["1", "2", "3", None]),
        st.integers(0, 3),
        st.floats(4, 40),
    ),
    max_size=40,
)


@given(rows, st.randoms())
def test_every_anomalous_flow_is_in_one_group_whatever_the_order(
    drawn: list[tuple[int, list[tuple[str, int]], str | None, int, float]], shuffler: random.Random
) -> None:
    pairs = []
    for place, (function, reasons, version, trace, score) in enumerate(drawn):
        told = [make_reason(kind, target=f"b{target}") for kind, target in reasons]
        name = "Confirm" if function else "out"
        verdict, flow = run(f"f{place}", *told, version=version, trace=f"t{trace}", function=name)
        pairs.append((msgspec.structs.replace(verdict, score=score), flow))
    table = FlowTable(LEARNED)
    for pair in pairs:
        table.add(*pair)
    groups = table.groups()
    told_flows = sorted(one.function_flow_id for group in groups for one in group.sightings)
    anomalous = sorted(v.function_flow_id for v, _ in pairs if v.verdict == "anomalous")
    assert told_flows == anomalous
    alerts = alerts_from(pairs, LEARNED)
    shuffler.shuffle(pairs)
    assert alerts_from(pairs, LEARNED) == alerts
    assert len({alert.id for alert in alerts}) == len(alerts)


def test_a_run_that_late_telemetry_shows_again_counts_once() -> None:
    key = FindingKey("", "", "shop", "Order", "order")
    first, other = Sighting(1.0, "f1", "t1", 2.0), Sighting(5.0, "f2", "t2", 6.0)
    again = Sighting(1.5, "f1", "t1", 2.0)
    assert Group(key, [], [other, again, first]).each_once == [first, other]
