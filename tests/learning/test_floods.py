"""Floods of unrelated names while a model learns, and a leak to another name afterwards."""

from __future__ import annotations

import pytest

from coldtrail.config import Settings
from coldtrail.learning.train import learn
from coldtrail.learning.update import learn_more
from coldtrail.testing import START
from tests.fixtures.fed import CALLS, DAY_S, FLOODS, HONEST, KINDS, Shop, adding, ids_of, of_kind

LEAKS = {
    "host": "evil-collector.attacker.net",
    "bucket": "exfil-store-2",
    "table": "exfil_table",
    "topic": "LeakTopic",
    "queue": "leaks.fifo",
    "own step": "dump_all_2",
}
ONE_LENGTH, ANY_LENGTH, TWO_PARTS = "letters of one length", "letters of any length", "two parts"


def found(seed: int, kind: str, flood: str, share: float, *, runs: int = 700, updates: int = 0) -> float:
    """The share of the runs with a leak that alarm, after a flood in a share of the learned runs."""
    shop, service = Shop(seed), KINDS[kind]
    feeding = adding(
        shop.functions[0],
        share,
        lambda random: of_kind(kind, FLOODS[flood](random)),
        service,
        CALLS[service][0],
    )
    if updates:
        model = learn(shop.flows(runs, 1), Settings()).model
        for number in range(1, updates + 1):
            day = shop.flows(runs // 2, 10 + number, start=START + number * DAY_S, more=feeding)
            model = learn_more(model, day).model
    else:
        model = learn(shop.flows(runs, 1, more=feeding), Settings()).model
    leak = of_kind(kind, LEAKS[kind]) if kind == "own step" else LEAKS[kind]
    leaking = adding(shop.functions[0], 0.5, lambda random: leak, service, CALLS[service][0])
    flows = shop.flows(30, 2, start=START + 20 * DAY_S, more=leaking)
    leaked = {
        flow.function_flow_id
        for flow in flows
        if any(leak in (event.event_name, event.event_target_resource) for event in flow.events)
    }
    alarmed = {one.function_flow_id for one in model.judge(flows) if one.verdict == "anomalous"}
    assert len(alarmed - leaked) <= 1
    return len(alarmed & leaked) / len(leaked)


@pytest.mark.parametrize(
    ("kind", "flood", "share"),
    [
        ("host", ONE_LENGTH, 0.01),
        ("bucket", TWO_PARTS, 0.05),
        ("table", ANY_LENGTH, 0.12),
        ("topic", ONE_LENGTH, 0.3),
        ("own step", TWO_PARTS, 0.02),
    ],
)
def test_a_leak_is_found_after_a_flood_of_unrelated_names(kind: str, flood: str, share: float) -> None:
    assert found(len(kind) + len(flood), kind, flood, share) >= 0.9


@pytest.mark.slow
def test_a_leak_is_found_after_a_flood_through_updates() -> None:
    assert found(31, "host", ANY_LENGTH, 0.2, updates=2) >= 0.9


@pytest.mark.long
@pytest.mark.parametrize("seed", range(50, 53))
@pytest.mark.parametrize("kind", KINDS)
def test_leaks_are_found_after_floods_of_all_kinds_and_shares(kind: str, seed: int) -> None:
    shares = [
        found(seed + place, kind, flood, share)
        for place, (flood, share) in enumerate(
            (flood, share) for flood in FLOODS for share in (0.01, 0.05, 0.12, 0.3)
        )
    ]
    assert sum(shares) / len(shares) >= 0.9, shares


@pytest.mark.parametrize(
    ("name", "kind", "share"), [("a tenant each", "bucket", 0.1), ("a host each", "host", 0.4)]
)
def test_honest_names_do_not_alarm(name: str, kind: str, share: float) -> None:
    _check_honest(5, name, kind, share)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", HONEST)
def test_honest_names_of_all_kinds_do_not_alarm(name: str, seed: int) -> None:
    for kind in ("host", "bucket", "own step"):
        for share in (0.02, 0.1, 0.4, 1.0):
            _check_honest(seed, name, kind, share)


def _check_honest(seed: int, name: str, kind: str, share: float) -> None:
    """At most thrice the budget of one function's runs, which are few."""
    shop, service = Shop(seed), KINDS[kind]
    more = adding(
        shop.functions[0],
        share,
        lambda random: of_kind(kind, HONEST[name](random)),
        service,
        CALLS[service][0],
    )
    model = learn(shop.flows(700, 1, more=more), Settings()).model
    flows = shop.flows(300, 2, start=START + DAY_S, more=more)
    own = ids_of(flows, shop.functions[0])
    alarmed = [one for one in model.judge(flows) if one.verdict == "anomalous"]
    assert sum(one.function_flow_id in own for one in alarmed) <= 0.009 * len(own) + 1
