"""What is strange in a run, and not worth a person's time by itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.effects import NEAR_BANS
from coldtrail.alerts.failover import FAILOVER
from coldtrail.alerts.grouping import Grouping
from coldtrail.alerts.groups import Group
from coldtrail.alerts.hardly_strange import is_hardly_strange
from coldtrail.alerts.parts import part_of
from coldtrail.alerts.waiting import waits
from coldtrail.records.finding import FindingKey, Known, Met, StepKey, Times
from coldtrail.records.flow import Event
from coldtrail.records.verdict import Reason
from tests.alerts.test_alerts import make_pair, make_reason
from tests.findings import reason

THRESHOLD = 4.0
KINDS = ("order", "omission", "new_event", "new_action", "trigger", "duration", "new_resource")


def new_name(target: str, known: str, service: str = "S3") -> Reason:
    usual = Known((Met(StepKey("PutObject", service, known), 90.0),))
    return reason("new_resource", target=target, usual=usual, event_type=service)


OBJECT = new_name("orders/7.txt", "orders/*.csv")


def is_hardly(*told: Reason, bans: float = 0.5, service: str = "S3") -> bool:
    verdict, flow = make_pair("f", reasons=told, score=THRESHOLD + bans)
    event = Event("e1", 0.0, 1.0, "PutObject", service, None, None, "out")
    return is_hardly_strange(part_of(verdict, replace(flow, events=(event,)), verdict.reasons))


def small(kind: str = "order") -> Reason:
    return replace(make_reason(kind), contribution=THRESHOLD - 0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_no_step_that_alarms_by_itself_waits(kind: str) -> None:
    assert not is_hardly(make_reason(kind))


def test_a_sum_of_which_nothing_alarms_by_itself_waits_unless_it_is_far_past_the_threshold() -> None:
    assert is_hardly(small(), bans=NEAR_BANS - 0.01)
    assert not is_hardly(small(), bans=NEAR_BANS)
    assert not is_hardly(small(), make_reason("omission"))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "order"])
def test_other_sums_do_not(kind: str) -> None:
    assert not is_hardly(small(kind))


def test_neither_does_a_step_that_is_repeated_once_more() -> None:
    assert not is_hardly(reason("count", usual=Times(1), found=Times(2)))


@pytest.mark.parametrize(
    ("told", "service", "is_so"),
    [
        (OBJECT, "S3", True),
        (new_name("fares-songs84", "fares-bets18", "DynamoDB"), "DynamoDB", True),
        (new_name("fares-songs84", "fares-bets18", "SecretsManager"), "SecretsManager", False),
        (new_name("loot", "fares-bets18", "DynamoDB"), "DynamoDB", False),
        (new_name("orders-2/7.txt", "orders/*.csv"), "S3", False),
        (replace(OBJECT, elsewhere=True), "S3", False),
        (replace(OBJECT, near="orders/8.txt"), "S3", False),
    ],
    ids=[
        "an object",
        "a tenant's table",
        "a secret",
        "another table",
        "another bucket",
        "of others",
        "alike",
    ],
)
def test_one_more_name_of_those_that_the_function_uses_waits(told: Reason, service: str, is_so: bool) -> None:
    assert is_hardly(told, bans=4.0, service=service) == is_so


@pytest.mark.parametrize(
    ("beside", "is_so"), [("order", True), ("omission", True), ("new_action", False), ("duration", False)]
)
def test_who_works_for_a_new_tenant_may_go_another_way_and_do_nothing_else(beside: str, is_so: bool) -> None:
    more = reason(beside, "Scan", "Orders", event_id="e2", event_type="DynamoDB")
    assert is_hardly(OBJECT, more) == is_so


def test_it_waits_until_it_lasts() -> None:
    pairs = [make_pair(f"f{at}", small(), score=4.5, start=60.0 * at) for at in range(3)]
    assert alerts_from(pairs[:2]) == []
    (held,) = alerts_from(pairs[:2], with_waiting=True)
    (told,) = alerts_from(pairs)
    assert (held.severity, held.count, told.count) == ("low", 2, 3)


@pytest.mark.parametrize(("runs_an_hour", "is_told"), [(300.0, True), (399.0, False)])
def test_it_lasts_where_a_hundredth_of_the_runs_of_an_hour_do_it(runs_an_hour: float, is_told: bool) -> None:
    pairs = [make_pair(f"f{at}", small(), score=4.5, start=60.0 * at) for at in range(3)]
    grouping = Grouping(runs_an_hour={pairs[0][1].key: runs_an_hour})
    grouping.push(pairs)
    assert bool(grouping.alerts()) == is_told


def test_what_a_failover_explains_is_told_at_once() -> None:
    """Its names are of families that the functions use."""
    verdict, flow = make_pair("f", OBJECT)
    part = part_of(verdict, flow, verdict.reasons)
    alone = Group(part.cause, [part], part.sightings)
    of_many = Group(FindingKey(*part.cause.whose.application_key, "", FAILOVER), [part], part.sightings)
    assert [waits(one) for one in (alone, of_many)] == [True, False]
