"""Cases as they are told."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.alerts.cases.building import cases_of
from coldtrail.alerts.cases.joining import LEAST_FLEET
from coldtrail.alerts.cases.linking import QUIET_S
from coldtrail.alerts.signalled import alert_of
from coldtrail.records.alert import Severity
from coldtrail.records.case import Case
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from tests.signals import HOUR_S, NOON, PAY, SHIP, make_signal

KEEP = FunctionKey("111122223333", "eu-west-1", "shop", "keep")


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


def test_a_run_that_waits_is_told_once_another_sign_joins_it() -> None:
    held = replace(alert_of([make_signal("order", strength=2.5)]), score=5.0)
    sign = make_signal("surge", at=NOON + 60, strength=2.5)
    assert cases_of([], [], 50, NOON, [held]) == cases_of([], [sign], 50, NOON) == []
    (case,) = cases_of([], [sign], 50, NOON, [held])
    assert [(one.kind, one.alert_id) for one in case.members] == [("order", None), ("surge", None)]


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


def test_weak_signals_of_many_detectors_are_no_more() -> None:
    (case,) = told([], [make_signal(one, at=NOON + n, detector=one) for n, one in enumerate("abcd")])
    assert case.severity == "medium"


def test_what_lasts_is_joined_by_what_is_near_a_time_at_which_it_was_seen() -> None:
    seen = [make_signal("level", alone=True, strength=6.0, at=NOON + days * QUIET_S) for days in (0, 7)]
    alert = replace(alert_of(seen), severity="medium")
    weak = [make_signal("surge", at=NOON + days * QUIET_S + HOUR_S) for days in (3, 7)]
    (case,) = cases_of([alert], [*seen, *weak], 50, NOON)
    assert [one.at for one in case.members if one.kind == "surge"] == [weak[1].at]


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


def test_what_somebody_did_comes_before_what_it_brought_about() -> None:
    counted = make_signal("cost", at=NOON + HOUR_S, since=NOON - 10 * HOUR_S, detector="resources")
    change = make_signal("deploy", at=NOON, detector="changes", alone=True, strength=6.0)
    (case,) = told([change], [counted])
    assert [one.detector for one in case.timeline] == ["changes", "resources"]
    assert case.first_seen == change.since
    earlier = make_signal("cost", at=NOON - HOUR_S, since=NOON - 2 * HOUR_S, detector="resources")
    (case,) = told([change], [earlier])
    assert [one.detector for one in case.timeline] == ["resources", "changes"]


def test_of_equally_severe_things_the_one_that_says_who_leads() -> None:
    slow = make_signal("slow", alone=True, strength=9.0, detector="resources")
    deploy = make_signal("deploy", alone=True, strength=6.0, detector="changes", principals=("p",))
    alerts = [replace(alert_of([one]), severity="high", title=one.finding.kind) for one in (slow, deploy)]
    (case,) = cases_of(alerts, [slow, deploy], 50)
    assert case.title == "deploy, and 1 more sign of it"


def test_cases_of_one_principal_that_are_two_name_each_other() -> None:
    days = [NOON, NOON + 3 * QUIET_S]
    one, other = (
        make_signal("deploy", key, at, alone=True, strength=6.0, detector="changes", principals=("p",))
        for key, at in zip((PAY, SHIP), days, strict=True)
    )
    third = make_signal("deploy", KEEP, alone=True, strength=6.0, detector="changes", principals=("q",))
    cases = {case.functions[0]: case for case in told([one, other, third])}
    assert cases["pay"].see_also == (cases["ship"].id,)
    assert cases["ship"].see_also == (cases["pay"].id,)
    assert cases["keep"].see_also == ()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_order_of_arrival_matters_and_nothing_is_lost(data: st.DataObject) -> None:
    strong, weak = list[Signal](), list[Signal]()
    for number in range(data.draw(st.integers(1, 7))):
        is_strong = data.draw(st.booleans())
        (strong if is_strong else weak).append(
            make_signal(
                f"kind-{number}",
                data.draw(st.sampled_from((PAY, SHIP, KEEP))),
                NOON + data.draw(st.integers(0, 60)) * HOUR_S,
                strength=6.0 if is_strong else 2.0,
                alone=is_strong,
                detector=data.draw(st.sampled_from(("callers", "changes", "credentials"))),
                principals=data.draw(st.sampled_from(((), ("p",), ("q",)))),
                credentials=data.draw(st.sampled_from(((), ("k",)))),
            )
        )
    cases = told(strong, weak)
    assert told(data.draw(st.permutations(strong)), data.draw(st.permutations(weak))) == cases
    members = [member.kind for case in cases for member in case.members]
    assert len(members) == len(set(members))
    assert {one.finding.kind for one in strong} <= set(members)


def test_what_two_actors_did_of_one_alert_is_of_two_cases() -> None:
    at = (NOON, NOON + 8 * HOUR_S)
    signals = [
        make_signal("caller", at=when, alone=True, strength=6.0, detector="callers", principals=(who,))
        for when, who in zip(at, "pq", strict=True)
    ]
    cases = cases_of([replace(alert_of(signals), severity="high")], signals, 50, NOON)
    assert sorted(case.principals for case in cases) == [("p",), ("q",)]
    assert len({case.id for case in cases}) == 2
    assert len({case.members[0].alert_id for case in cases}) == 1
    assert all(len(case.members[0].refs) == 1 for case in cases)
