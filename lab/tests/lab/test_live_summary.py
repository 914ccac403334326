"""What is said of the attacks of `coldtrail live`."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.records.alert import Alert, Evidence
from coldtrail_lab.live_hearing import Telling
from coldtrail_lab.live_playing import Attacked
from coldtrail_lab.live_summary import Summary, summary_of
from tests.alerts.live_alerts import START, make_alert

KINDS = ("a", "b", "c", "d", "e", "f")


def alert(id: str, *flows: str) -> Alert:
    evidence = tuple(Evidence(flow, "") for flow in flows)
    return replace(make_alert(id, count=len(flows)), evidence=evidence)


def summary(told: dict[str, int], alerts: list[Alert], kinds: tuple[str, ...] = KINDS) -> Summary:
    attacked = [
        Attacked(kind, "app", "fn", f"flow-{kind}{run}", f"trace-{kind}{run}", START + run)
        for kind in kinds
        for run in (1, 2)
    ]
    tellings = {id: Telling(12.0, triggers, 0, 0) for id, triggers in told.items()}
    return summary_of(attacked, alerts, tellings, {one.trace: 9.0 + one.end - START for one in attacked})


def all_right() -> tuple[dict[str, int], list[Alert]]:
    return dict.fromkeys(KINDS, 1), [alert(kind, f"flow-{kind}1", f"flow-{kind}2") for kind in KINDS]


def test_each_attack_in_one_alert_told_once_is_success() -> None:
    told, alerts = all_right()
    found = summary(told, [*alerts, alert("x", "benign")])
    assert found.succeeded
    assert (found.number(1), found.others, found.others_told) == (6, 1, 0)
    assert found.median_s == found.worst_s == 2.0
    assert [one.counted for one in found.attacks] == [2] * 6


@pytest.mark.parametrize("wrong", ["missed", "untold", "twice", "two alerts", "too few", "none"])
def test_anything_else_is_not(wrong: str) -> None:
    told, alerts = all_right()
    kinds: tuple[str, ...] = KINDS
    match wrong:
        case "missed":
            alerts.pop()
        case "untold":
            del told["f"]
        case "twice":
            told["f"] = 2
        case "two alerts":
            alerts.append(alert("g", "flow-f2"))
        case "too few":
            kinds = KINDS[:5]
        case "none":
            kinds = ()
    assert not summary(told, alerts, kinds).succeeded
