"""What cases are made of."""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.alerts.cases.items import items_of
from coldtrail.alerts.signalled import alert_of
from coldtrail.records.facts import Facts
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


def test_they_come_by_when_they_began() -> None:
    later, sooner = make_signal(at=NOON + 10), make_signal("gap", at=NOON)
    assert [one.kind for one in items_of([], [later, sooner])] == ["gap", "surge"]
