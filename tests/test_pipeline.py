"""Documents in, verdicts out: nothing stops, nothing is lost silently, and the counts add up."""

from __future__ import annotations

import itertools
from collections import Counter
from math import inf

import msgspec
import pytest

from coldtrail import pipeline
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.grouping import Grouping
from coldtrail.alerts.signalled import Signalled, alert_of
from coldtrail.assembly.from_documents import flows_from
from coldtrail.bundle.model import Model
from coldtrail.config import LimitSettings, Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.native import NativeParser
from coldtrail.learning.train import learn
from coldtrail.pipeline import Judged, Judging, Pipeline
from coldtrail.records.alert import Alert
from coldtrail.records.change import Change
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations, Span
from coldtrail.testing import START, make_event, make_flow, make_history
from tests.alerts.test_drifts import make_shift
from tests.signals import make_signal
from tests.verbs.telemetry_files import native_lines


def documents(lines: list[bytes]) -> list[Document]:
    return [Document(line, "in.jsonl", f"line {number}") for number, line in enumerate(lines, 1)]


def test_bad_documents_are_counted_with_their_place_and_stop_nothing() -> None:
    good = native_lines(make_history(3))
    lines = [good[0], b"{", *good[1:], b'{"function_flow_id": 3}']
    tally = Tally()
    flows = list(flows_from(documents(lines), NativeParser(Settings()), Settings(), tally))
    assert len(flows) == 3
    assert tally.counts["documents parsed"] == len(good)
    assert tally.counts["documents refused"] == tally.losses["document"] == 2
    assert tally.counts["flows assembled"] == 3
    assert tally.examples["document"].place == "line 2"


def test_problems_inside_a_document_are_lost_with_its_place() -> None:
    def parser(document: Document) -> Observations:
        return Observations(problems=["A part was left out.", "And another."], more_problems=7)

    tally = Tally()
    assert list(flows_from(documents([b"x"]), parser, Settings(), tally)) == []
    assert tally.lost == 9
    assert tally.sentences() == [
        "in.jsonl, line 1: A part of this document was lost beyond the 2 that are told "
        "(and 6 more of this kind).",
        "in.jsonl, line 1: A part was left out.",
        "in.jsonl, line 1: And another.",
    ]


def test_losses_of_different_kinds_in_documents_are_told_apart() -> None:
    """One that cuts a trace and one of a clock were one kind, and the first met stood for both."""

    def parser(document: Document) -> Observations:
        number = document.payload.decode()
        return Observations(
            problems=[f"The step '{number}' ends {number} ms before it starts.", "It is cut."]
        )

    tally = Tally()
    assert list(flows_from(documents([b"7", b"8", b"9"]), parser, Settings(), tally)) == []
    assert tally.sentences() == [
        "in.jsonl, line 1: The step '7' ends 7 ms before it starts (and 2 more of this kind).",
        "in.jsonl, line 1: It is cut (and 2 more of this kind).",
    ]


def test_only_document_errors_are_a_documents_fault() -> None:
    def parser(document: Document) -> Observations:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(flows_from(documents([b"x"]), parser, Settings(), Tally()))


def test_within_small_bounds_every_event_comes_out_or_is_counted() -> None:
    history = make_history(100)
    total = sum(len(flow.events) for flow in history)
    for bound in (10, 50, 1_000):
        tally = Tally()
        bounded = Settings(limits=LimitSettings(max_open_events=bound))
        flows = list(flows_from(documents(native_lines(history)), NativeParser(Settings()), bounded, tally))
        assert len(flows) == tally.counts["flows assembled"] == 100
        assert sum(len(flow.events) for flow in flows) + tally.losses["late"] == total


def test_flows_that_must_be_closed_early_are_judged_some_at_a_time(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise half of what may be open would be in memory once more as flows and verdicts."""
    monkeypatch.setattr(pipeline, "BATCH_FLOWS", 10)
    lines, tally = documents(native_lines(make_history(100, seed=5, prefix="n"))), Tally()
    bounded = Settings(limits=LimitSettings(max_open_events=300))
    line = Pipeline(model, NativeParser(Settings()), bounded, tally)
    told = line.passing(lines)
    assert isinstance(next(told), Judged)
    assert tally.counts["flows assembled"] == tally.counts["flows scored"] == 10
    rest = [*told, *line.finish()]
    assert len([one for one in rest if isinstance(one, Judged)]) == 99


def test_flows_come_out_while_documents_still_go_in() -> None:
    """Otherwise a stream without end would never be judged."""

    def endless() -> itertools.count[int]:
        return itertools.count()

    def parser(document: Document) -> Observations:
        name = document.place
        return Observations([Span(name, name, function_name="Order", steps=(make_event(),))])

    stream = (Document(b"", "stream", f"t{number}") for number in endless())
    flows = flows_from(stream, parser, Settings(limits=LimitSettings(max_open_events=100)), Tally())
    assert len(list(itertools.islice(flows, 1_000))) == 1_000


def test_every_flow_gets_one_verdict_in_order_and_is_counted(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_FLOWS", 7)
    flows = make_history(30, seed=5, prefix="t") + make_history(3, function="NeverMet", prefix="n")
    tally = Tally()
    pairs = Judging(model, tally).push(flows)
    assert [one.flow for one in pairs if isinstance(one, Judged)] == flows
    verdicts = [one.verdict for one in pairs if isinstance(one, Judged)]
    assert [one.function_flow_id for one in verdicts] == [flow.function_flow_id for flow in flows]
    kinds = Counter(verdict.verdict for verdict in verdicts)
    assert kinds["not_ready"] == 3
    assert {kind: tally.counts[kind] for kind in kinds} == dict(kinds)
    assert tally.counts["flows scored"] == len(flows)


def test_batches_do_not_change_verdicts(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    flows = make_history(40, seed=5, prefix="t")
    whole = Judging(model, Tally()).push(flows)
    monkeypatch.setattr(pipeline, "BATCH_FLOWS", 3)
    assert Judging(model, Tally()).push(flows) == whole


def test_documents_come_out_as_verdicts_shifts_and_alerts(model: Model) -> None:
    """A function that writes elsewhere alarms; what takes longer from some run on is a shift."""
    flows = make_history(300, seed=5, prefix="n")
    slower = [_slower(flow) if number >= 150 else flow for number, flow in enumerate(flows)]
    leak = make_flow([("PutItem", "DynamoDB", "Elsewhere", 0.01)], flow_id="leak", start=flows[9].start_time)
    tally = Tally()
    line = Pipeline(model, NativeParser(Settings()), Settings(), tally)
    told = line.push(documents(native_lines([*slower, leak])))
    told += line.finish()
    verdicts = [one.verdict for one in told if isinstance(one, Judged)]
    assert sum(one.verdict == "anomalous" for one in verdicts) == 1
    assert [one for one in told if isinstance(one, Shift)] == line.judging.shifts
    assert {one.measure for one in line.judging.shifts} == {"duration", "own_time"}
    assert [one for one in told if isinstance(one, Alert)] == line.judging.alerts
    assert {one.kind for one in line.judging.alerts} == {"new_resource", "time_drift"}
    assert len(verdicts) == tally.counts["flows assembled"] == tally.counts["flows scored"] == 301


def _slower(flow: Flow) -> Flow:
    (invocation, *rest) = flow.events
    longer = msgspec.structs.replace(invocation, end_time=invocation.end_time + 0.1)
    return msgspec.structs.replace(flow, events=(longer, *rest))


def test_flows_that_come_too_late_are_judged_and_counted(model: Model) -> None:
    flows, tally = make_history(60, seed=5, prefix="n"), Tally()
    judging = Judging(model, tally)
    judging.push(flows[30:])
    judging.advance(flows[45].start_time)
    assert len(judging.push(flows[:30])) == 30
    judging.advance(inf)
    assert tally.losses["late flow"] == 30
    assert tally.counts["flows scored"] == 60


def test_without_alerting_shifts_are_told_and_nothing_else(model: Model) -> None:
    judging = Judging(model, Tally(), alerting=False)
    judging.push(make_history(300, seed=5, prefix="n"))
    assert judging.advance(inf) == judging.alerts == []
    assert all(name.startswith("following/") for name in judging.snapshot())


def test_a_parser_that_refuses_everything_gives_no_flow() -> None:
    def parser(document: Document) -> Observations:
        raise DocumentError("This is no telemetry.")

    tally = Tally()
    assert list(flows_from(documents([b"a", b"b"]), parser, Settings(), tally)) == []
    assert tally.sentences() == ["in.jsonl, line 1: This is no telemetry (and 1 more of this kind)."]


def test_what_many_runs_tell_is_told_by_no_signal_again(monkeypatch: pytest.MonkeyPatch) -> None:
    key = FunctionKey("", "", "shop", "Order")
    (load,) = alerts_from_shifts([make_shift("load")], {})
    surge, loss = (make_signal(kind, key, START, alone=True) for kind in ("surge", "cost"))
    monkeypatch.setattr(Grouping, "alerts", lambda self: [load])
    monkeypatch.setattr(Signalled, "alerts", lambda self: [alert_of([surge]), alert_of([loss])])
    judging = Judging(learn(make_history(40), Settings()).model, Tally())
    assert sorted(one.finding.kind for one in judging.alerts) == ["cost", "load_drift"]


def test_a_change_that_comes_last_is_told_although_nothing_ends_its_minute() -> None:
    opened = Change(
        "e", START, "111122223333", "eu-west-1", "pay", "AddPermission", lets_in=("*",), principal="p"
    )
    judging = Judging(learn(make_history(40), Settings()).model, Tally())
    assert judging.signalling is not None
    judging.signalling.observe(Observations(changes=(opened,)))
    judging.advance(inf)
    assert "open_to_everyone" in [one.finding.kind for one in judging.alerts]


def test_runs_that_wait_join_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    key = FunctionKey("", "", "shop", "Order")
    held, told = (alert_of([make_signal(kind, key, START, alone=True)]) for kind in ("order", "theft"))
    monkeypatch.setattr(Grouping, "alerts", lambda self: [msgspec.structs.replace(told, severity="high")])
    monkeypatch.setattr(Grouping, "waiting", lambda self: [held])
    judging = Judging(learn(make_history(40), Settings()).model, Tally())
    (case,) = judging.cases
    assert {one.kind for one in case.members} == {"order", "theft"}


def test_weak_signs_beyond_what_is_kept_are_told_once(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    monkeypatch.setattr("coldtrail.alerts.signalled.MOST_WEAK", 10)
    tally = Tally()
    judging = Judging(model, tally)
    judging._signalled.push([make_signal(at=START + number) for number in range(40)])
    judging.advance(START)
    judging.advance(START)
    assert tally.losses["weak sign"] == 40 - len(judging._signalled.signals()) > 0
