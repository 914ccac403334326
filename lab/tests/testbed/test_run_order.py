from collections.abc import Sequence
from typing import Any

import pytest

from coldtrail_testbed.applications.airline import APPLICATION
from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.run_order import Order, order_of


def _order(attacks: Sequence[str] = ("none",), telemetry: Sequence[str] = ("xray",), **changes: Any) -> Order:
    settings: dict[str, Any] = {"iterations": 10, "seed": 1, "attack_share": 0.1, "look_alikes": ["none"]}
    chosen = find_attacks(attacks, "airline")
    return order_of(APPLICATION, chosen=chosen, telemetry=telemetry, **{**settings, **changes})


@pytest.mark.parametrize("share", [0, 0.1, 1])
def test_any_share_may_be_attacked(share: float) -> None:
    assert _order(attack_share=share).attack_share == share


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(TestbedError, match="must lie between 0 and 1"):
        _order(attack_share=share)


@pytest.mark.parametrize("iterations", [0, -1])
def test_a_run_without_users_is_refused(iterations: int) -> None:
    with pytest.raises(TestbedError, match=f"at least 1 iteration, not {iterations}"):
        _order(iterations=iterations)
    assert _order(iterations=1).iterations == 1


@pytest.mark.parametrize("days", [0, -1, 400, float("nan")])
def test_a_run_of_no_time_or_of_years_is_refused(days: float) -> None:
    with pytest.raises(TestbedError, match="at most 366 days"):
        _order(days=days)
    assert _order(days=14).days == 14


def test_the_application_holds_what_its_attacks_need() -> None:
    order = _order(["lookalike_bucket"])
    assert order.attacks == ("lookalike_bucket",)
    added = set(order.application.buckets) - set(APPLICATION.buckets)
    assert len(added) == 1
    assert tuple(_order().application.buckets) == tuple(APPLICATION.buckets)


def test_traces_are_always_there_and_named_once() -> None:
    assert _order(telemetry=[]).telemetry == ("xray",)
    assert _order(telemetry=["xray", "otlp"]).telemetry == ("xray", "otlp")


def test_cloudtrail_is_added_only_where_an_attack_shows_nowhere_else() -> None:
    added = _order(["stolen_credentials"])
    assert (added.telemetry, added.added_telemetry) == (("xray", "cloudtrail"), ("cloudtrail",))
    asked = _order(["stolen_credentials"], ["cloudtrail"])
    assert (asked.telemetry, asked.added_telemetry) == (("xray", "cloudtrail"), ())
    assert _order(["mining"]).added_telemetry == ()


def test_look_alikes_are_looked_up() -> None:
    assert [one.name for one in _order(look_alikes=["sale_day"]).look_alikes] == ["sale_day"]
