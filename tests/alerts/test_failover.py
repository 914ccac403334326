"""Failovers: one alert over the application, and nothing hidden in it."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.alerts.alerts import alerts_from
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Reason, Verdict
from tests.alerts.test_alerts import make_pair
from tests.findings import reason


def turned(
    function: str,
    of: str,
    start: float = 0.0,
    more: tuple[Reason, ...] = (),
    word: str = "dr",
    counterpart: bool = True,
) -> tuple[Verdict, Flow]:
    """A run that writes to the bucket that stands ready for another."""
    told = reason("new_resource", target=f"{of}-{word}")
    told = msgspec.structs.replace(told, counterpart=of if counterpart else None)
    return make_pair(f"{function}-{of}-{start}", function=function, start=start, reasons=(told, *more))


def test_names_that_change_alike_in_several_functions_are_one_alert() -> None:
    runs = [turned("Book", "orders"), turned("Pay", "bills", 60.0), turned("Ship", "parcels", 120.0)]
    missing = reason("omission", target="scans", event_id="e2")
    verdict, flow = turned("Scan", "scans", 30.0)
    misled = msgspec.structs.replace(verdict, reasons=(missing, *verdict.reasons)), flow
    (alert,) = alerts_from([*runs, misled])
    assert (alert.kind, alert.subject.kind, alert.severity, alert.count) == (
        "failover",
        "application",
        "medium",
        4,
    )
    assert alert.title == (
        "4 functions of app turned to orders-dr instead of orders and the like: probably a failover"
    )
    assert alert.technique is None
    assert "Pay: wrote to S3 bucket bills-dr: 1 run" in alert.details
    assert alerts_from([misled, *reversed(runs)]) == [alert]


@pytest.mark.parametrize(
    "other",
    [
        turned("Pay", "bills", 7300.0),
        turned("Pay", "bills", word="x"),
        turned("Pay", "orders"),
        turned("Book", "bills"),
        turned("Pay", "loot", counterpart=False),
    ],
    ids=["much later", "changed otherwise", "for the same name", "one function", "a stranger's"],
)
def test_what_may_be_a_look_alike_stands_by_itself(other: tuple[Verdict, Flow]) -> None:
    alerts = alerts_from([turned("Book", "orders"), other])
    assert {one.kind for one in alerts} == {"new_resource"}
    assert sum(one.count for one in alerts) == 2


@pytest.mark.parametrize(
    ("service", "target", "kinds"),
    [
        ("DynamoDB", "fares-songs49-dr", {"failover"}),
        ("DynamoDB", "loot", {"failover", "new_resource"}),
        ("S3", "loot-dr", {"failover", "new_resource"}),
    ],
)
def test_a_table_of_a_family_of_names_joins_and_a_bucket_does_not(
    service: str, target: str, kinds: set[str]
) -> None:
    told = reason("new_resource", "PutItem", target)
    verdict, flow = make_pair("fam", function="Fare", start=30.0, reasons=(told,))
    (event,) = flow.events
    event = msgspec.structs.replace(event, event_type=service, event_target_resource=target)
    runs = [turned("Book", "orders"), turned("Pay", "bills")]
    alerts = alerts_from([*runs, (verdict, msgspec.structs.replace(flow, events=(event,)))])
    assert {one.kind for one in alerts} == kinds


def test_one_function_with_three_names_fails_over() -> None:
    (alert,) = alerts_from([turned("Book", name, place) for place, name in enumerate(("a1", "b1", "c1"))])
    assert alert.kind == "failover"


@pytest.mark.parametrize("kind", ["count", "trigger"])
def test_what_no_failover_makes_a_run_do_is_told_by_itself(kind: str) -> None:
    attack = turned("Ship", "parcels", 90.0, (reason(kind, target="orders", event_id="e3"),))
    alerts = alerts_from([turned("Book", "orders"), turned("Pay", "bills"), attack])
    assert sorted(one.count for one in alerts) == [1, 2]


def test_a_foreign_bucket_in_a_run_that_fails_over_is_told_by_itself() -> None:
    leak = reason("new_resource", target="loot", event_id="e4")
    runs = [turned("Book", "orders", float(n)) for n in range(3)] + [turned("Pay", "bills")]
    alerts = alerts_from([*runs, turned("Book", "orders", 9.0, (leak,))])
    assert {one.kind: one.count for one in alerts} == {"failover": 4, "new_resource": 1}
    assert any("loot, which it never touched" in one.title for one in alerts)


def test_the_many_names_of_one_function_are_of_the_failover_too() -> None:
    many = [turned("Book", f"orders/{n}", float(n)) for n in range(9)]
    (alert,) = alerts_from([*many, turned("Pay", "bills")])
    assert (alert.kind, alert.count) == ("failover", 10)
    assert alert.flow is not None
