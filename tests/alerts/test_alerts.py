"""Alerts: grouping, counting, choosing the strangest, severity, order, words."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.building import MAX_EVIDENCE
from coldtrail.alerts.showing.plain import plain, short
from coldtrail.alerts.showing.shell import step_text
from coldtrail.alerts.wording.phrases import deed, step
from coldtrail.records.alert import Evidence
from coldtrail.records.finding import Origin, Subject, Value
from coldtrail.records.flow import Event, Flow
from coldtrail.records.verdict import Reason, Verdict
from tests.findings import about, reason, step_seen, usually

LEVELS = ("critical", "high", "medium", "low")
KINDS = ("order", "omission", "count", "new_resource", "new_action", "new_event", "duration", "trigger")


def make_reason(
    kind: str = "new_resource",
    event_name: str = "PutObject",
    target: str | None = "out",
    usual: Value | None = None,
    found: Value | None = None,
) -> Reason:
    seen = Origin("AWS::S3 out") if kind == "trigger" else step_seen("PutObject on S3 out")
    return reason(kind, event_name, target, usual or usually("PutItem on DynamoDB Booking"), found or seen)


def make_pair(
    flow_id: str = "f1",
    reason: Reason | None = None,
    function: str = "Confirm",
    score: float = 5.0,
    start: float = 100.0,
    **fields: Any,
) -> tuple[Verdict, Flow]:
    event = Event("e1", start, start + 1, "PutObject", "S3", None, None, "out")
    flow = Flow(
        "app", "t1", function, flow_id, start, start + 1, (event,), (1,), (1.0,), 0.0, account="1", region="r"
    )
    values: dict[str, Any] = {"verdict": "anomalous", "reasons": (reason or make_reason(),)} | fields
    values["reasons"] = about(values["reasons"], flow.key)
    verdict = Verdict(
        flow_id, "t1", "1", "r", "app", function, start, score=score, threshold=4.0, p_value=0.001, **values
    )
    return verdict, flow


def test_repeats_of_a_cause_are_one_alert_and_are_counted() -> None:
    pairs = [make_pair(f"f{n:03}", start=100.0 + n, score=5 + n % 7) for n in range(250)]
    (alert,) = alerts_from(pairs)
    assert alert.count == 250
    assert len(alert.evidence) == MAX_EVIDENCE
    assert alert.evidence[:2] == (Evidence("f000", "t1"), Evidence("f001", "t1"))
    assert (alert.first_seen, alert.last_seen) == (100.0, 349.0)
    assert alert.score == 11
    assert alert.told_at == 101.0
    assert alert.flow is not None
    assert alert.flow.function_flow_id == alert.look_at.function_flow_id == "f006"


def test_other_functions_kinds_events_and_targets_are_other_alerts() -> None:
    alerts = alerts_from(
        [
            make_pair("a"),
            make_pair("b", function="Other"),
            make_pair("c", make_reason(kind="count")),
            make_pair("d", make_reason(event_name="GetObject")),
            make_pair("e", make_reason(target="elsewhere")),
        ]
    )
    assert len(alerts) == len({alert.id for alert in alerts}) == 5


def test_only_anomalous_verdicts_alarm() -> None:
    assert alerts_from([make_pair(verdict="normal"), make_pair(verdict="not_ready")]) == []


def test_an_anomalous_verdict_without_reasons_is_not_lost() -> None:
    (alert,) = alerts_from([make_pair(reasons=())])
    assert alert.count == 1
    assert alert.severity == "low"
    assert alert.title


def test_the_same_cause_keeps_its_id() -> None:
    (one,) = alerts_from([make_pair("a", score=5, start=1)])
    (two,) = alerts_from([make_pair("z", score=50, start=999), make_pair("y")])
    assert one.id == two.id == "ct-" + one.id[3:]
    assert len(one.id) == 23


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(KINDS), st.floats(4, 40)), max_size=40),
    st.randoms(),
)
def test_every_anomalous_flow_is_told_once_whatever_the_order(
    rows: list[tuple[int, str, float]], shuffler: random.Random
) -> None:
    pairs = [
        make_pair(f"f{place}", make_reason(kind), f"F{function}", score, float(place))
        for place, (function, kind, score) in enumerate(rows)
    ]
    alerts = alerts_from(pairs, with_waiting=True)
    assert sum(alert.count for alert in alerts) == len(pairs)
    shuffler.shuffle(pairs)
    assert alerts_from(pairs, with_waiting=True) == alerts
    levels = [LEVELS.index(alert.severity) for alert in alerts]
    assert levels == sorted(levels)


def test_alerts_come_severest_then_strangest_first() -> None:
    alerts = alerts_from(
        [
            make_pair("a", make_reason("order"), score=7),
            make_pair("b", make_reason("omission"), score=7.5),
            make_pair("c", make_reason("new_resource"), score=5),
        ]
    )
    assert [alert.look_at.function_flow_id for alert in alerts] == ["c", "b", "a"]


def test_the_most_telling_reason_of_a_step_names_the_cause() -> None:
    weighty = make_reason("new_event")
    new = msgspec.structs.replace(make_reason("new_resource"), contribution=2.0)
    (alert,) = alerts_from([make_pair(reasons=(weighty, new))])
    assert alert.title == "Confirm wrote to S3 bucket out, which it never touched before"
    faint = msgspec.structs.replace(new, contribution=0.5)
    elsewhere = make_reason("new_resource", target="elsewhere")
    for others in ((faint,), (elsewhere,)):
        (alert,) = alerts_from([make_pair(reasons=(weighty, *others))])
        assert alert.title == "Confirm took a step it never took before: PutObject on out"


def test_the_title_says_what_happened_in_plain_words() -> None:
    (alert,) = alerts_from([make_pair()])
    assert alert.title == "Confirm wrote to S3 bucket out, which it never touched before"
    assert alert.technique is not None
    assert alert.subject == Subject("function", "1", "r", "app", "Confirm")


def test_every_kind_has_a_title_and_next_steps_without_holes() -> None:
    for kind in (*KINDS, "unheard_of"):
        (alert,) = alerts_from([make_pair(reason=make_reason(kind, target=None))], with_waiting=True)
        words = " ".join((alert.title, *map(step_text, alert.next_steps)))
        assert alert.title.startswith("Confirm")
        assert len(alert.next_steps) >= 2
        assert "{" not in words
        assert "None" not in words
        assert any(step.command for step in alert.next_steps)


def test_braces_in_names_are_left_alone() -> None:
    (alert,) = alerts_from([make_pair(function="{trace}{0.__class__}")])
    assert alert.title.startswith("{trace}{0.__class__} wrote")


def test_deeds_are_told_by_verb_and_noun() -> None:
    assert deed("GetItem", "AWS::DynamoDB", "Booking") == "read from DynamoDB table Booking"
    assert deed("Invoke", "Lambda", "Other") == "invoked Lambda function Other"
    assert deed("Frobnicate", "Gizmo", "it") == "called Frobnicate on it"
    assert deed("Frobnicate", "S3", None) == "called Frobnicate"
    assert step("", None) == "a step without a name"


@given(st.text())
def test_plain_text_shows_every_character_on_one_line(text: str) -> None:
    assert plain(text).isprintable()
    assert plain(plain(text)) == plain(text)


def test_control_characters_are_written_out() -> None:
    assert plain("a\x1b[31m\n\u202eb\ud800\U000e0041") == "a\\x1b[31m\\x0a\\u202eb\\ud800\\U000e0041"


def test_long_names_keep_both_ends() -> None:
    assert short("abcdefghij", 7) == "abc…hij"
    assert short("abcdefg", 7) == "abcdefg"
