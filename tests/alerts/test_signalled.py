"""Signals as alerts."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from math import inf

import numpy as np
import pytest

from coldtrail.alerts.attack import technique_named
from coldtrail.alerts.showing.shell import step_text
from coldtrail.alerts.signalled import KEPT_S, Signalled, alert_of, id_of, is_named, kind_told, title_of
from coldtrail.errors import BundleError
from coldtrail.records.finding import Known, Met, StepKey
from coldtrail.records.signal import Ref
from coldtrail.records.traits import Quantity, Trait, Traits
from coldtrail.registry import SIGNAL_DETECTORS
from tests.contracts.test_signal_detectors import at_once
from tests.signals import HOUR_S, NOON, PAY, SHIP, make_signal

CONTROL = "\x1b]0;owned\x07\x1b[31mred"

KINDS = tomllib.loads((files("coldtrail.alerts") / "data" / "signals.toml").read_text())["kinds"]


def test_only_what_stands_alone_is_an_alert() -> None:
    held = Signalled()
    held.push([make_signal(alone=True), make_signal("gap", SHIP)])
    assert [one.kind for one in held.alerts()] == ["surge"]
    assert len(held.signals()) == 2


def test_what_says_the_same_is_one_alert_with_the_whole_span_and_count() -> None:
    held = Signalled()
    held.push([make_signal(at=NOON, count=3)])
    held.push([make_signal(at=NOON + HOUR_S, alone=True, strength=5.0, count=4)])
    (alert,) = held.alerts()
    assert (alert.first_seen, alert.told_at, alert.last_seen) == (NOON - 60, NOON + HOUR_S, NOON + HOUR_S)
    assert alert.count == 7
    assert alert.p_value == pytest.approx(1e-5)
    assert [one.record_id for one in alert.evidence] == [f"surge-{NOON + HOUR_S:.0f}", f"surge-{NOON:.0f}"]


def test_a_flood_of_weak_signals_is_bounded_and_counted_and_takes_no_alert(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("coldtrail.alerts.signalled.MOST_WEAK", 100)
    held = Signalled()
    held.push([make_signal(at=NOON, alone=True)])
    flood = [make_signal("gap", SHIP, at=NOON + n, seen=Trait("network", f"n{n}")) for n in range(1_000)]
    for one in flood:
        held.push([one])
    weak = [one for one in held.signals() if not one.alone]
    assert 90 <= len(weak) <= 100
    assert weak == flood[-len(weak) :]
    assert held.forgotten == 1_000 - len(weak)
    assert [one.kind for one in held.alerts()] == ["surge"]
    again = Signalled()
    again.restore(held.snapshot())
    again.push([make_signal("gap", SHIP, at=NOON + 2_000 + n) for n in range(200)])
    assert len([one for one in again.signals() if not one.alone]) <= 100


def test_the_id_is_of_what_is_said_and_of_whom_alone() -> None:
    assert id_of(make_signal(strength=9.0, at=NOON + 5)) == id_of(make_signal())
    assert id_of(make_signal(key=SHIP)) != id_of(make_signal())
    one, other = (make_signal(seen=Trait("country", name)) for name in ("NL", "DE"))
    assert id_of(one) != id_of(other)


def test_runs_traces_and_records_are_told_apart() -> None:
    refs = Ref("flow", "f"), Ref("trace", "t"), Ref("event", "e")
    alert = alert_of([make_signal(refs=refs)])
    told = [(one.function_flow_id, one.application_flow_id, one.record_id) for one in alert.evidence]
    assert told == [("f", "", ""), ("", "t", ""), ("", "", "e")]
    assert alert.look_at == alert.evidence[0]


def test_without_a_record_there_is_none_to_look_at() -> None:
    assert alert_of([make_signal(refs=())]).look_at.record_id == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "seen",
    [
        Quantity(300.0, "usd", period_s=3_600.0),
        Trait("country", CONTROL),
        Traits((Trait("network", "p-1"), Trait("country", CONTROL))),
    ],
)
def test_every_kind_is_told_whole_whatever_its_values(kind: str, seen: Quantity | Trait | Traits) -> None:
    expected = Known((Met(StepKey("GetItem", "DynamoDB", "Stock"), 3.0), Met(CONTROL, 2.0)), 4)
    signal = make_signal(kind, seen=seen, expected=expected, principal="p-1" if kind == "takeover" else "")
    alert = alert_of([signal])
    told = " ".join([alert.title, *map(step_text, alert.next_steps)])
    assert "{" not in told
    assert CONTROL not in told
    assert alert.next_steps
    assert title_of(signal) == alert.title


@pytest.mark.parametrize("kind", KINDS)
def test_every_technique_is_known_and_explained(kind: str) -> None:
    told = kind_told(kind)
    assert bool(told.technique) == bool(told.why)
    if told.technique:
        assert technique_named(told.technique).technique


def test_a_kind_that_nobody_named_is_told_all_the_same() -> None:
    assert not is_named("never_heard_of")
    assert "20" in alert_of([make_signal("never_heard_of")]).title


def test_weak_signals_are_kept_for_a_month() -> None:
    held = Signalled()
    held.push([make_signal(alone=True), make_signal("gap")])
    held.advance(NOON + KEPT_S + 1)
    assert [one.finding.kind for one in held.signals()] == ["surge"]


def test_a_role_is_told_by_its_name() -> None:
    seen = Traits((Trait("role", "arn:aws:iam::111122223333:role/deploy"),))
    assert alert_of([make_signal("new_deployer", seen=seen)]).title.startswith("deploy changed pay")


def test_it_goes_on_from_a_snapshot() -> None:
    held, again = Signalled(), Signalled()
    held.push([make_signal(alone=True), make_signal("gap", PAY)])
    again.restore(held.snapshot())
    assert again.alerts() == held.alerts()
    with pytest.raises(BundleError):
        again.restore({"signals": np.zeros(2, np.uint8)})


@pytest.mark.parametrize("name", SIGNAL_DETECTORS)
def test_every_kind_of_finding_of_a_detector_is_named(name: str) -> None:
    for signal in at_once(name):
        assert is_named(signal.finding.kind), signal.finding.kind
        assert "{" not in title_of(signal)


def test_what_is_of_several_functions_names_them() -> None:
    signal = make_signal("unknown_deployer", PAY._replace(function=""), functions=(PAY, SHIP))
    assert alert_of([signal]).title.startswith("Somebody who never changed anything changed pay and ship")
    nowhere = make_signal("less_logging", PAY._replace(function="", application=""))
    alert = alert_of([nowhere])
    assert all(step.told for step in alert.next_steps)
    assert alert.is_signal


def test_steps_that_need_a_command_that_nobody_can_give_are_left_out() -> None:
    whole = alert_of([make_signal("unknown_deployer")])
    nameless = alert_of([make_signal("unknown_deployer", PAY._replace(function=""))])
    assert len(nameless.next_steps) < len(whole.next_steps)


def test_at_the_end_of_all_input_weak_signals_are_there_for_cases() -> None:
    held = Signalled()
    held.push([make_signal("gap")])
    held.advance(inf)
    assert [one.finding.kind for one in held.signals()] == ["gap"]
