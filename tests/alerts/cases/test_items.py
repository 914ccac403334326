"""What cases are made of."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.alerts.cases.actors import MOST_FUNCTIONS, MOST_PARTS, MOST_TIMES
from coldtrail.alerts.cases.items import items_of
from coldtrail.alerts.signalled import alert_of
from coldtrail.records.alert import Alert, Evidence, Severity, Starter
from coldtrail.records.facts import Facts
from coldtrail.records.signal import Ref, Signal
from coldtrail.testing import make_flow
from tests.signals import NOON, PAY, SHIP, make_signal


def test_an_alert_of_signals_bears_what_they_join_by() -> None:
    signal = make_signal(
        alone=True,
        principals=("p-1",),
        credentials=("k-1",),
        functions=(SHIP,),
        indicators=(("operation", "GetCallerIdentity"),),
    )
    (item,) = items_of([replace(alert_of([signal]), severity="high")], [signal])
    assert item.alone
    assert item.keys == {("function", *PAY), ("principal", PAY.account, "p-1"), ("credential", "k-1")}
    assert item.functions == ("pay", "ship")
    assert item.indicators == (("operation", "GetCallerIdentity"),)
    assert [ref.kind for ref in item.refs] == ["event"]


def test_low_alerts_and_signals_open_nothing_by_themselves() -> None:
    signal = make_signal(alone=True)
    weak_signal = make_signal("gap", SHIP, at=NOON + 1)
    told, weak = items_of([replace(alert_of([signal]), severity="low")], [signal, weak_signal])
    assert (told.alone, weak.alone) == (False, False)
    assert (told.alert is None, weak.alert is None) == (False, True)


def test_a_run_joins_by_its_function_its_traces_and_its_key() -> None:
    flow = make_flow(
        [], function="pay", account=PAY.account, region=PAY.region, facts=Facts(access_key="k-2")
    )
    alert = replace(alert_of([make_signal()]), flow=flow, score=9.0, id="ct-run")
    (item,) = items_of([alert], [])
    assert ("credential", "k-2") in item.keys
    assert ("function", *PAY) in item.keys
    assert item.detector == "sequence"


def by(who: str, at: float, **fields: Any) -> Signal:
    """A signal about what a principal did, or nobody knows who."""
    who_acts = (who,) if who else ()
    return make_signal("caller", at=at, detector="callers", principals=who_acts, **{"alone": True} | fields)


def test_an_alert_of_several_actors_is_an_item_for_each() -> None:
    signals = [by("p", NOON), by("", NOON + 1), by("q", NOON + 2, strength=9.0), by("p", NOON + 3)]
    first, second = items_of([replace(alert_of(signals), severity="high")], signals)
    assert [set(one.actors) for one in (first, second)] == [{"p"}, {"q"}]
    assert (first.count, second.count) == (3, 1)
    assert (first.at, first.last, second.since) == (NOON, NOON + 3, NOON - 58)
    assert (first.strength, second.strength) == (2.0, 9.0)
    assert len(first.refs) == 3
    assert second.id.startswith(first.id)
    assert second.id != first.id
    assert first.alert is second.alert
    assert ("function", *PAY) in first.keys & second.keys


def test_what_one_of_them_did_is_as_severe_as_it_is_by_itself() -> None:
    signals = [by("p", NOON), by("q", NOON + 2, alone=False)]
    first, second = items_of([replace(alert_of(signals), severity="high")], signals)
    assert (first.severity, second.severity) == ("high", "low")
    assert (first.alone, second.alone) == (True, False)


def test_parts_of_an_alert_are_bounded() -> None:
    signals = [by(f"p{number}", NOON + number) for number in range(3 * MOST_PARTS)]
    parts = items_of([alert_of(signals)], signals)
    assert len(parts) == MOST_PARTS
    assert sum(one.count for one in parts) == len(signals)


def test_those_whose_credentials_are_used_do_not_act() -> None:
    used = make_signal("theft", detector="credentials", principals=("role",))
    acted = make_signal("deploy", detector="changes", principals=("p",), indicators=(("network", "n"),))
    items = {one.kind: one for one in items_of([], [used, acted])}
    assert items["theft"].actors == set()
    assert items["theft"].principals == ("role",)
    assert items["deploy"].actors == {"p"}
    assert items["deploy"].networks == {"n"}


def started(who: str, at: float, *, count: int = 1, severity: Severity = "medium") -> Starter:
    """What somebody started of the runs of an alert."""
    run = Evidence(f"{who}-run", f"{who}-trace")
    return Starter(who, severity, at, at + count - 1, at + 5.0, count, (run,))


def of_runs(*starters: Starter, shown: Facts | None = None) -> Alert:
    """An alert of runs at one function."""
    flow = make_flow([], function="pay", account=PAY.account, region=PAY.region, facts=shown)
    told = alert_of([make_signal("trigger")])
    reason = replace(told.reasons[0], target="queue")
    told = replace(told, flow=flow, id="ct-run", score=9.0, starters=starters, told_at=NOON + 60.0)
    return replace(told, reasons=(reason,), severity="high", count=sum(one.count for one in starters))


@pytest.mark.parametrize("who", ["p", ""])
def test_who_started_runs_acts_where_that_is_strange(who: str) -> None:
    (item,) = items_of([of_runs(started(who, NOON))], [])
    assert item.actors == ({"p"} if who else set())
    assert (("principal", PAY.account, "p") in item.keys) == bool(who)


def test_a_drift_of_who_starts_runs_names_nobody() -> None:
    shown = replace(of_runs(shown=Facts(principal="p")), score=None)
    (item,) = items_of([replace(shown, kind="caller_drift")], [])
    assert (item.detector, item.actors, item.principals) == ("drift", set(), ())


def test_runs_that_several_started_are_an_item_for_each() -> None:
    alert = of_runs(
        started("p", NOON),
        started("", NOON + 100.0),
        started("q", NOON + 7_200.0, count=3, severity="low"),
        shown=Facts(principal="q", access_key="k"),
    )
    first, nobodys, second = items_of([alert], [])
    assert [set(one.actors) for one in (first, nobodys, second)] == [{"p"}, set(), {"q"}]
    assert [one.id for one in (first, nobodys, second)] == ["ct-run", "ct-run/1", "ct-run/2"]
    assert [(one.since, one.at) for one in (first, second)] == [(NOON, NOON + 60), (NOON + 7200, NOON + 7205)]
    assert (second.last, second.count) == (NOON + 7_202.0, 3)
    assert [(one.severity, one.alone) for one in (first, second)] == [("medium", True), ("low", False)]
    assert [one.traces for one in (first, second)] == [{"p-trace"}, {"q-trace"}]
    assert [[ref.id for ref in one.refs] for one in (first, second)] == [["p-run"], ["q-run"]]
    assert all(one.alert is alert and ("function", *PAY) in one.keys for one in (first, nobodys, second))


def test_the_shown_run_tells_of_who_started_it_alone() -> None:
    shown = Facts(principal="q", access_key="k")
    first, second = items_of([of_runs(started("p", NOON), started("q", NOON + 9.0), shown=shown)], [])
    assert (first.indicators, second.indicators) == ((), (("target", "queue"),))
    assert ("credential", "k") in second.keys - first.keys


def test_no_pseudonym_has_a_say_in_the_order() -> None:
    names = [("p", "q"), ("q", "p")]
    for one, other in names:
        signals = [
            by(one, NOON, refs=(Ref("event", "e1"),), strength=3.0),
            by(other, NOON, refs=(Ref("event", "e2"),), strength=3.0),
        ]
        items = items_of([alert_of(signals)], signals[::-1])
        assert [set(item.actors) for item in items] == [{one}, {other}]
        assert [item.id for item in items] == [items[0].id, f"{items[0].id}/1"]
        takeovers = [
            replace(signal, finding=make_signal("takeover", principal=who).finding)
            for who, signal in zip((one, other), signals, strict=True)
        ]
        assert [item.refs for item in items_of([], takeovers[::-1])] == [signal.refs for signal in signals]


def test_a_principal_is_joined_by_the_functions_it_did_something_to() -> None:
    taken = make_signal("takeover", detector="callers", principal="p", functions=(tuple(PAY),))
    (item,) = items_of([], [taken])
    assert ("function", *PAY) in item.keys
    many = tuple(tuple(PAY._replace(function=f"f{n}")) for n in range(2 * MOST_FUNCTIONS))
    (item,) = items_of([], [make_signal("takeover", detector="callers", principal="p", functions=many)])
    assert sum(key[0] == "function" for key in item.keys) == MOST_FUNCTIONS


def test_what_waits_is_a_weak_sign_however_severe_it_would_be() -> None:
    held = replace(alert_of([make_signal()]), severity="high", score=9.0, id="ct-held", p_value=0.001)
    (item,) = items_of([], [], [held])
    assert (item.alone, item.alert, item.detector, item.strength) == (False, None, "sequence", 3.0)
    assert ("function", *PAY) in item.keys


def test_what_waits_is_an_item_for_each_who_started_it_as_well() -> None:
    held = items_of([], [], [of_runs(started("p", NOON), started("q", NOON + 9.0))])
    assert [set(one.actors) for one in held] == [{"p"}, {"q"}]
    assert not any(one.alone or one.alert for one in held)


@pytest.mark.parametrize(
    ("kind", "at_home"),
    [("habit", True), ("takeover", True), ("new_administrator", True), ("newcomer", False)],
)
def test_who_has_a_past_or_rights_in_the_account_is_at_home(kind: str, at_home: bool) -> None:
    unlike = make_signal(kind, at=NOON, detector="callers", principal="p")
    runs = of_runs(started("p", NOON + 1.0), started("q", NOON + 2.0), started("", NOON + 3.0))
    items = items_of([runs], [unlike])
    assert [one.at_home for one in items] == [at_home, at_home, False, False]


def test_who_is_at_home_in_another_account_is_not_so_here() -> None:
    unlike = make_signal("habit", PAY._replace(account="999"), NOON, detector="callers", principal="p")
    items = items_of([of_runs(started("p", NOON + 1.0))], [unlike])
    assert [one.at_home for one in items] == [True, False]


def test_they_come_by_when_they_began() -> None:
    later, sooner = make_signal(at=NOON + 10), make_signal("gap", at=NOON)
    assert [one.kind for one in items_of([], [later, sooner])] == ["gap", "surge"]


def test_an_alert_knows_the_times_at_which_it_was_seen() -> None:
    few = [make_signal(alone=True, at=NOON + hours * 3_600) for hours in (5, 0)]
    (item,) = items_of([alert_of(few)], few)
    assert item.times == tuple((one.since, one.at) for one in reversed(few))
    many = [make_signal(alone=True, at=NOON + hours * 3_600) for hours in range(2 * MOST_TIMES)]
    (item,) = items_of([alert_of(many)], many)
    assert len(item.times) == MOST_TIMES
    assert item.times[-1] == (many[MOST_TIMES - 1].since, many[-1].at)
    (run,) = items_of([alert_of(few)], [])
    assert run.times == ((run.since, run.last),)
