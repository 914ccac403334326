"""Slow services: one alert for all functions that wait, none hidden by those that do not."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.alerts.alerts import alerts_from
from coldtrail.records.alert import Alert
from coldtrail.records.finding import Seconds, Times, Value
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from tests.alerts.test_alerts import make_pair, make_reason
from tests.findings import reason, step_seen, usually

LONG = Seconds(4.2)


def waited(
    function: str,
    start: float = 0.0,
    *,
    kind: str = "duration",
    event_type: str = "DynamoDB",
    target: str = "Orders",
    seen: Value = LONG,
    score: float = 5.0,
    failed: bool = False,
    trace: str | None = None,
) -> tuple[Verdict, Flow]:
    """A run whose one call alarms."""
    told = reason(kind, "Query", target, usually("Query on DynamoDB Orders"), seen, event_type=event_type)
    flow_id = f"{function}-{start}-{kind}-{event_type}-{target}"
    verdict, flow = make_pair(flow_id, told, function, score, start)
    (event,) = flow.events
    event = msgspec.structs.replace(
        event, event_name="Query", event_type=event_type, event_target_resource=target, error=failed
    )
    trace = trace or flow_id
    return verdict, msgspec.structs.replace(flow, events=(event,), application_flow_id=trace)


def told(*pairs: tuple[Verdict, Flow]) -> list[Alert]:
    alerts = alerts_from(pairs, with_waiting=True)
    assert sum(alert.count for alert in alerts) == len(pairs)
    assert alerts_from(reversed(pairs), with_waiting=True) == alerts
    return alerts


def test_a_slow_service_is_one_alert_that_names_all_who_wait() -> None:
    pairs = [waited(name, place * 60, score=20 + place) for place, name in enumerate(("Book", "Pay", "Ship"))]
    (alert,) = told(*pairs, waited("Book", 30, target="Prices", seen=Seconds(2.0)))
    assert alert.title == "DynamoDB kept 3 functions waiting: Query on DynamoDB Orders 4.2 s in Ship"
    assert (alert.key.function, alert.severity, alert.technique) == ("Ship", "low", None)
    assert sorted(alert.details) == [
        "Book: Query on DynamoDB Orders 4.2 s: 1 run",
        "Book: Query on DynamoDB Prices 2 s: 1 run",
        "Pay: Query on DynamoDB Orders 4.2 s: 1 run",
        "Ship: Query on DynamoDB Orders 4.2 s: 1 run",
    ]
    assert any("CloudWatch" in step.told for step in alert.next_steps)


def test_repeats_make_it_no_graver() -> None:
    many = [waited(name, float(n)) for n in range(20) for name in ("Book", "Pay")]
    (alert,) = told(*many)
    assert (alert.count, alert.severity) == (40, "low")


def test_calls_that_fail_meanwhile_join_it() -> None:
    slow = [waited("Book", 1), waited("Pay", 2)]
    failing = waited(
        "Ship",
        3,
        kind="order",
        seen=step_seen("Query on DynamoDB Orders", failed=True),
        failed=True,
        score=90,
    )
    (alert,) = told(*slow, failing)
    assert alert.title.startswith("DynamoDB kept 3 functions waiting: Query on DynamoDB Orders 4.2 s")
    assert (alert.severity, alert.details[-1]) == ("low", "Ship: Query on Orders failed: 1 run")


@pytest.mark.parametrize(
    "other",
    [
        waited("Pay", 7300),
        waited("Pay", event_type="S3"),
        waited("Pay", kind="order", seen=step_seen("Query on DynamoDB Orders", failed=True), failed=True),
        waited("Pay", kind="order", seen=step_seen("Query on DynamoDB Orders")),
        waited("Pay", kind="new_action", failed=True),
        waited("Book", target="Prices"),
    ],
    ids=["much later", "another service", "only fails", "out of order", "new and refused", "one function"],
)
def test_what_is_not_the_same_trouble_stands_by_itself(other: tuple[Verdict, Flow]) -> None:
    assert len(told(waited("Book"), other)) == 2


@pytest.mark.parametrize("event_type", ["remote", "Lambda", "lifecycle", "function", ""])
def test_places_are_services_of_their_own_and_own_code_is_none(event_type: str) -> None:
    one, other = (waited(name, event_type=event_type, target=name) for name in ("Book", "Pay"))
    assert len(told(one, other)) == 2


def test_a_partner_that_is_slow_is_named_by_its_address() -> None:
    (alert,) = told(*(waited(name, event_type="remote", target="bank.example") for name in ("Book", "Pay")))
    assert alert.title.startswith("bank.example kept 2 functions waiting")


def test_many_causes_of_one_function_keep_their_flow_when_told_with_others() -> None:
    many = [waited("Book", float(n), target=f"T{n}", score=50 + n) for n in range(9)]
    (alert,) = told(*many, waited("Pay"))
    assert alert.flow is not None
    assert (alert.count, alert.flow.function_flow_id) == (10, alert.look_at.function_flow_id)
    own = waited("Book", 9.0, event_type="lifecycle", target="", score=99)
    assert [one.count for one in told(*many, own, waited("Pay"))] == [10, 1]


def test_an_attack_beside_a_slow_service_stands_by_itself() -> None:
    leak = make_pair("leak", make_reason(), "Book")
    titles = [alert.title for alert in told(waited("Book"), waited("Pay"), leak)]
    assert titles[0] == "Book wrote to S3 bucket out, which it never touched before"
    assert len(titles) == 2


@pytest.mark.parametrize("failed", [False, True])
def test_a_flood_beside_a_slow_service_stands_by_itself(failed: bool) -> None:
    flood = [
        waited("Ship", float(n), kind="count", seen=Times(300), failed=failed, score=90) for n in range(12)
    ]
    attack, slow = told(waited("Book", 1), waited("Pay", 2), *flood)
    assert (attack.key.function, attack.severity, attack.count) == ("Ship", "high", 12)
    assert (slow.severity, slow.count) == ("low", 2)


@pytest.mark.parametrize("kind", ["new_action", "new_event", "count"])
def test_what_a_slow_run_does_besides_is_no_line_of_a_slow_service(kind: str) -> None:
    verdict, flow = waited("Ship", 3)
    more = reason(kind, "Scan", "Orders", event_id="e2", event_type="DynamoDB")
    both = msgspec.structs.replace(verdict, reasons=(*verdict.reasons, more)), flow
    again = waited("Ship", 4)
    assert sorted(one.count for one in told(waited("Book", 1), waited("Pay", 2), both, again)) == [2, 2]
    little = msgspec.structs.replace(more, contribution=verdict.threshold / 2)
    both = msgspec.structs.replace(verdict, reasons=(*verdict.reasons, little)), flow
    assert len(told(waited("Book", 1), waited("Pay", 2), both, again)) == 1


def test_a_slow_run_whose_own_code_is_slow_too_stands_by_itself() -> None:
    verdict, flow = waited("Ship", 3)
    own = msgspec.structs.replace(verdict.reasons[0], event_id="e2", event_name="Invocation", target=None)
    event = msgspec.structs.replace(flow.events[0], event_id="e2", event_type="lifecycle")
    flow = msgspec.structs.replace(flow, events=(*flow.events, event))
    both = msgspec.structs.replace(verdict, reasons=(*verdict.reasons, own)), flow
    assert sorted(one.count for one in told(waited("Book", 1), waited("Pay", 2), both)) == [1, 2]


def test_who_calls_a_function_that_waits_waits_for_the_same() -> None:
    slow = [waited(name, float(n), trace=f"{name}{n}") for n in range(4) for name in ("Book", "Pay")]
    calls = [
        waited("Shop", float(n), event_type="remote", target="pay.example", trace=f"Pay{n}") for n in range(4)
    ]
    (alert,) = told(*slow, *calls)
    assert (alert.count, alert.details[-1][:5]) == (12, "Shop:")
    elsewhere = [waited("Shop", n + 0.5, event_type="remote", target="pay.example") for n in range(5)]
    assert sorted(one.count for one in told(*slow, *calls, *elsewhere)) == [8, 9]
