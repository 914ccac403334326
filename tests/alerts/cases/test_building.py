"""Cases as they are told."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from coldtrail.alerts.cases.building import cases_of
from coldtrail.alerts.cases.joining import LEAST_FLEET, QUIET_S
from coldtrail.alerts.signalled import alert_of
from coldtrail.records.alert import Severity
from coldtrail.records.case import Case
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from tests.signals import HOUR_S, NOON, PAY, make_signal


def told(
    strong: Sequence[Signal], weak: Sequence[Signal] = (), severity: Severity = "high", now: float = NOON
) -> list[Case]:
    alerts = [replace(alert_of([one]), severity=severity) for one in strong]
    return cases_of(alerts, [*strong, *weak], 50, now)


def test_a_case_tells_its_story_in_order() -> None:
    theft = make_signal(
        "theft", alone=True, strength=6.0, at=NOON + HOUR_S, principals=("p-1",), credentials=("k",)
    )
    indicators = (("operation", "UpdateFunctionCode"),)
    before = make_signal("deploy", at=NOON, detector="changes", indicators=indicators)
    (case,) = told([theft], [before])
    assert [entry.at for entry in case.timeline] == [NOON - 60, NOON + HOUR_S - 60]
    assert case.title.endswith(", and 1 more sign of it")
    assert (case.functions, case.principals, case.credentials) == (("pay",), ("p-1",), ("k",))
    assert case.indicators == indicators
    assert [one.alert_id is None for one in case.members] == [True, False]
    assert case.opened_at == NOON + HOUR_S


def test_its_id_stays_when_more_joins() -> None:
    theft = make_signal("theft", alone=True, strength=6.0)
    (alone,) = told([theft])
    (grown,) = told([theft], [make_signal("a", at=NOON + 60), make_signal("b", at=NOON - 60)])
    assert grown.id == alone.id
    assert grown != alone


def test_what_agrees_raises_it() -> None:
    theft = make_signal("theft", alone=True, strength=6.0, detector="credentials")
    others = [make_signal(name, detector=name, at=NOON + 60) for name in ("callers", "egress")]
    assert told([theft], severity="medium")[0].severity == "medium"
    assert told([theft], others, severity="medium")[0].severity == "high"


def test_weak_signals_that_add_up_are_medium() -> None:
    (case,) = told([], [make_signal(kind, at=NOON + n) for n, kind in enumerate("abc")])
    assert case.severity == "medium"


def test_it_is_quiet_after_a_day_without_news() -> None:
    theft = make_signal("theft", alone=True, strength=6.0)
    assert told([theft])[0].state == "open"
    assert told([theft], now=NOON + QUIET_S + 1)[0].state == "quiet"


def test_the_fleet_is_medium_at_most() -> None:
    keys = [FunctionKey("1", "r", "app", f"f{n}") for n in range(LEAST_FLEET + 1)]
    (case,) = told([make_signal(key=key, alone=True, strength=6.0) for key in keys])
    assert (case.subject.kind, case.severity) == ("fleet", "medium")
    assert case.title.startswith(f"{len(keys)} functions at once: ")


def test_the_severest_comes_first() -> None:
    weak = [make_signal(kind, FunctionKey("1", "r", "a", "f"), NOON + n) for n, kind in enumerate("abc")]
    assert [one.severity for one in told([make_signal("theft", PAY, alone=True)], weak)] == ["high", "medium"]
