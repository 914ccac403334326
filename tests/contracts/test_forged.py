"""Forged copies: whatever part of a trace somebody copies with something changed, what is strange about its
run is found as before, and the contradiction is told. Honest documents contradict each other in nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.assembly.from_documents import flows_from
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.formats.detect import parser_for
from coldtrail.learning.train import learn
from coldtrail.pipeline import Judged, Pipeline
from coldtrail.records.alert import Alert
from coldtrail.records.contradiction import CONTRADICTION
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.records.verdict import Verdict
from coldtrail.testing import START, Call, make_flow
from coldtrail.verdicts.feedback import Accepted, Feedback
from tests.fixtures.telemetry import Json, TraceBuilder, arn_of, payload_of, traces
from tests.verbs.telemetry_files import native_lines

LEAKING = "shop-prod-order"
EVIL = "evil-bucket"


@cache
def model() -> Model:
    documents = [Document(payload_of(one), "history") for one in traces(700, seed=1)]
    return learn(flows_from(documents, parser_for("auto", Settings()), Settings(), Tally()), Settings()).model


def judged(documents: Sequence[Json]) -> tuple[dict[str, list[Verdict]], list[Alert]]:
    """The verdicts by function, and the alerts."""
    line = Pipeline(model(), parser_for("auto", Settings()), Settings(), Tally())
    told = line.push(as_documents(documents))
    told = [*told, *line.finish()]
    verdicts: dict[str, list[Verdict]] = {}
    for one in told:
        if isinstance(one, Judged):
            verdicts.setdefault(one.verdict.function_name, []).append(one.verdict)
    return verdicts, line.judging.alerts


def as_documents(bodies: Sequence[Json]) -> list[Document]:
    payloads = [payload_of(one) if "Segments" in one else json.dumps(one).encode() for one in bodies]
    return [Document(payload, "new.jsonl", f"line {i}") for i, payload in enumerate(payloads, 1)]


def flows_of(bodies: Sequence[Json]) -> list[Flow]:
    found = flows_from(as_documents(bodies), parser_for("auto", Settings()), Settings(), Tally())
    return sorted(found, key=lambda flow: flow.function_flow_id)


def leaking(seed: int) -> Json:
    """A trace of a function that writes to a bucket that it never touched, and of another one."""
    made = TraceBuilder(seed)
    made._clock += 86_400
    trace = made.trace(LEAKING, "shop-prod-pay")
    calls = handler_of(own_segment(trace))["subsegments"]
    calls.insert(-1, made.call("S3", "PutObject", EVIL, calls[-2]["start_time"] + 1e-4))
    return trace


def own_segment(trace: Json) -> Json:
    held = (one["Document"] for one in trace["Segments"])
    own = (one for one in held if one["origin"] == "AWS::Lambda::Function" and one["name"] == LEAKING)
    return next(own)


def handler_of(segment: Json) -> Json:
    invocation = next(part for part in segment["subsegments"] if part["name"] == "Invocation")
    return invocation["subsegments"][0]  # type: ignore[no-any-return]


def parts_of(segment: Json) -> Iterator[tuple[Json, Json]]:
    """Each subsegment, and what it stands in."""
    for part in segment.get("subsegments", ()):
        yield part, segment
        yield from parts_of(part)


def alone(part: Json, above: Json, trace_id: str) -> Json:
    """A subsegment as a document of its own."""
    return {**copy.deepcopy(part), "type": "subsegment", "trace_id": trace_id, "parent_id": above["id"]}


def renamed(it: Json) -> Json:
    """Under another name; a call of a web address goes elsewhere too: that alone tells its place."""
    elsewhere = {"http": {"request": {"url": "https://!.example/", "method": "POST"}}}
    return it | {"name": "!"} | (elsewhere if it.get("namespace") == "remote" else {})


# What a forger changes of a copy: each in a way that cannot be another form of an honest document.
CHANGES: dict[str, Any] = {
    "name": renamed,
    "parent": lambda it: it | {"parent_id": "00000000000000aa"},
    "ends later": lambda it: it | {"end_time": it["end_time"] + 2.0},
    "starts earlier": lambda it: it | {"start_time": it["start_time"] - 2.0},
    "decades away": lambda it: it | {"start_time": 1.0, "end_time": 4.1e9},
    "outcome": lambda it: it | {"error": not it.get("error", False)},
    "overhead": lambda it: {key: it[key] for key in FRAME if key in it} | {"name": "Overhead"},
    "another call": lambda it: (
        it | {"name": "DynamoDB", "namespace": "aws", "aws": {"operation": "GetItem", "table_name": "orders"}}
    ),
    "another function": lambda it: it | {"aws": {"function_arn": arn_of("shop-prod-ship")}},
    "another account": lambda it: (
        it | {"aws": {"function_arn": arn_of(LEAKING).replace("123456789012", "000000000000")}}
    ),
    "an api": lambda it: it | {"origin": "AWS::ApiGateway::Stage", "name": "evil/prod"},
}
FRAME = ("id", "trace_id", "parent_id", "type", "origin", "start_time", "end_time")
OF_RUNS = ("name", "parent", "ends later", "starts earlier", "decades away", "outcome", "another function",
           "another account", "an api")  # fmt: skip
OF_STEPS = ("name", "parent", "ends later", "starts earlier", "decades away", "outcome", "overhead",
            "another call", "an api")  # fmt: skip
OF_LINKS = ("name", "parent", "ends later", "decades away", "outcome", "an api")


def placed(trace: Json, forged: Json, random: Random) -> list[Json]:
    """The trace and a forged document: in it, before it or after it."""
    where = random.randrange(3)
    if where == 2:
        held = [*trace["Segments"], {"Id": forged["id"], "Document": forged}]
        random.shuffle(held)
        return [{**trace, "Segments": held}]
    return [trace, forged] if where else [forged, trace]


def check(bodies: Sequence[Json]) -> None:
    verdicts, alerts = judged(bodies)
    found = [one for one in verdicts[LEAKING] if any(reason.target == EVIL for reason in one.reasons)]
    assert found, verdicts
    assert all(one.verdict == "anomalous" for one in found)
    leaks = [alert for alert in alerts if alert.kind == "new_resource"]
    assert any(reason.target == EVIL for alert in leaks for reason in alert.reasons)
    (told,) = [alert for alert in alerts if alert.kind == CONTRADICTION]
    statements = [
        one
        for reason in told.reasons
        if reason.kind == CONTRADICTION
        for one in reason.finding.seen.statements  # type: ignore[union-attr]
    ]
    assert all(one.origin == "new.jsonl" for one in statements)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 9), change=st.sampled_from(OF_RUNS), whole=st.booleans(), random=st.randoms())
def test_a_forged_copy_of_the_run_hides_nothing_and_is_told(
    seed: int, change: str, whole: bool, random: Random
) -> None:
    trace = leaking(seed)
    own = copy.deepcopy(own_segment(trace))
    if not whole:
        del own["subsegments"]
    check(placed(trace, CHANGES[change](own), random))


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 9), change=st.sampled_from(OF_STEPS), random=st.randoms())
def test_a_forged_copy_of_any_step_hides_nothing_and_is_told(seed: int, change: str, random: Random) -> None:
    trace = leaking(seed)
    own = own_segment(trace)
    part, above = random.choice([*parts_of(own)][1:])
    evil = [(one, over) for one, over in parts_of(own) if one.get("aws", {}).get("bucket_name") == EVIL]
    part, above = random.choice([evil[0], (part, above)])
    forged = alone(
        {key: value for key, value in part.items() if key != "subsegments"}, above, own["trace_id"]
    )
    if change == "another call" and forged.get("aws", {}).get("table_name") == "orders":
        change = "name"
    if change == "overhead" and part["name"] == "Overhead":
        change = "name"
    forged = CHANGES[change](forged)
    if change == "an api":
        del forged["type"]
    check(placed(trace, forged, random))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9), change=st.sampled_from(OF_LINKS), random=st.randoms())
def test_a_forged_copy_of_what_stands_above_hides_nothing_and_is_told(
    seed: int, change: str, random: Random
) -> None:
    trace = leaking(seed)
    above = [
        one["Document"] for one in trace["Segments"] if one["Document"]["origin"] != "AWS::Lambda::Function"
    ]
    one = random.choice([part for part in above if "inferred" not in part])
    if change == "an api" and one["origin"] == "AWS::ApiGateway::Stage":
        change = "name"
    check(placed(trace, CHANGES[change](copy.deepcopy(one)), random))


# Honest documents.


def as_begun(part: Json) -> Json:
    """A part as it is told before it has ended."""
    told = {key: value for key, value in part.items() if key not in ("end_time", "error", "subsegments")}
    return {**told, "in_progress": True}


def forms_of(segment: Json) -> list[Json]:
    """A segment as it is sent while it is open, and once it is closed."""
    early = {
        key: value
        for key, value in segment.items()
        if key not in ("end_time", "error", "http", "subsegments")
    }
    open_ = {**early, "in_progress": True}
    first = segment.get("subsegments", [])[:1]
    begun = [as_begun({key: value for key, value in part.items() if key != "aws"}) for part in first]
    return [open_, {**open_, "subsegments": begun}, segment]


def sent_alone(trace: Json, random: Random) -> list[Json]:
    """Documents of a trace: segments in their forms, some steps by themselves as well, open and closed."""
    documents = []
    for held in trace["Segments"]:
        segment = held["Document"]
        documents += forms_of(segment)
        if segment["origin"] == "AWS::Lambda::Function":
            for part, above in parts_of(segment):
                if random.random() < 0.4:
                    whole = alone(part, above, segment["trace_id"])
                    documents += [whole, as_begun(whole)]
    return documents


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 20), random=st.randoms())
def test_any_forms_of_honest_documents_in_any_order_contradict_each_other_in_nothing(
    seed: int, random: Random
) -> None:
    trace = TraceBuilder(seed).trace("shop-prod-order", "shop-prod-pay")
    documents = sent_alone(trace, random)
    some = [one for one in documents if random.random() < 0.6]
    random.shuffle(some)
    assert not any(flow.contradictions for flow in flows_of([*some, *some[:3]]))
    random.shuffle(documents)
    assert flows_of(documents) == flows_of([trace])


def test_a_flood_of_documents_for_one_trace_is_judged_and_told_once() -> None:
    trace = leaking(3)
    own = own_segment(trace)
    evil = next(one for one, _ in parts_of(own) if one.get("aws", {}).get("bucket_name") == EVIL)
    bare = {key: value for key, value in own.items() if key != "subsegments"}
    flood = [{**bare, "name": f"n{i}", "aws": {}} for i in range(2_000)]
    flood += [
        {**alone(evil, own, own["trace_id"]), "end_time": evil["end_time"] + i} for i in range(1, 2_000)
    ]
    flood += [{**alone(evil, own, own["trace_id"]), "id": f"{i:016x}"} for i in range(2_000)]
    verdicts, alerts = judged([*flood, trace])
    assert any(reason.target == EVIL for one in verdicts[LEAKING] for reason in one.reasons)
    assert [alert.kind for alert in alerts].count(CONTRADICTION) == 1


@pytest.mark.parametrize("ready", [True, False])
def test_a_contradiction_is_told_whether_the_function_was_learned_or_not(ready: bool) -> None:
    trace = TraceBuilder(5).trace("shop-prod-order" if ready else "shop-prod-never")
    own = next(
        one["Document"] for one in trace["Segments"] if one["Document"]["origin"] == "AWS::Lambda::Function"
    )
    verdicts, alerts = judged([trace, {**own, "end_time": own["end_time"] + 5}])
    ((told,),) = verdicts.values()
    assert told.verdict == ("anomalous" if ready else "not_ready")
    assert [reason.kind for reason in told.reasons][-1] == CONTRADICTION
    assert CONTRADICTION in {alert.kind for alert in alerts}


# By whatever way telemetry comes.


def native(**change: Any) -> tuple[list[bytes], bytes]:
    """The lines of a run that writes to a new bucket, and a forged copy of that line."""
    calls: list[Call] = [("GetItem", "DynamoDB", "Stock", 0.01), ("PutObject", "S3", EVIL, 0.01)]
    lines = [
        json.loads(line) | {"account": "1", "trigger": "timer"}
        for line in native_lines([make_flow(calls, flow_id="n1")])
    ]
    evil = next(line for line in lines if line["event_target_resource"] == EVIL)
    return [json.dumps(line).encode() for line in lines], json.dumps(evil | change).encode()


@pytest.mark.parametrize(
    ("change", "aspect"),
    [
        ({"event_name": "GetItem"}, "name"),
        ({"event_type": "DynamoDB"}, "type"),
        ({"event_target_resource": "Stock"}, "resource"),
        ({"event_parent_id": "n1-0", "event_parent_name": "GetItem"}, "parent"),
        ({"event_parent_name": "!"}, "parent"),
        ({"error": True}, "outcome"),
        ({"start_time": 1.0, "end_time": 4.1e9}, "times"),
        ({"function_name": "!"}, "name"),
        ({"account": "2"}, "account"),
        ({"trigger": "AWS::SNS x"}, "trigger"),
    ],
)
def test_a_forged_line_of_native_events_hides_nothing(change: dict[str, Any], aspect: str) -> None:
    lines, forged = native(**change)
    for order in ([*lines, forged], [forged, *lines]):
        documents = [Document(line, "events.jsonl", f"line {i}") for i, line in enumerate(order, 1)]
        found = list(flows_from(documents, parser_for("auto", Settings()), Settings(), Tally()))
        (flow,) = [one for one in found if (one.function_name, one.account) == ("Order", "1")]
        assert EVIL in {event.event_target_resource for event in flow.events}
        assert START <= flow.start_time < START + 1
        assert flow.end_time < START + 1
        assert [one.aspects for one in flow.contradictions] == [(aspect,)]
        places = {said.place for said in flow.contradictions[0].statements}
        assert f"line {order.index(forged) + 1}" in places


def test_two_formats_that_round_their_clocks_contradict_each_other_in_nothing() -> None:
    (trace,) = traces(1, seed=4, functions_per_trace=1)
    (flow,) = flows_of([trace])
    lines = []
    for line in native_lines([flow]):
        told = json.loads(line)
        told |= {key: round(told[key], 3) for key in ("start_time", "end_time")}
        told |= {"account": flow.account, "region": flow.region, "event_target_resource": None}
        lines.append(told)
    (both,) = flows_of([trace, *lines])
    assert both.contradictions == ()
    assert both.witnesses == ("native", "xray")
    assert [event.event_id for event in both.events] == [event.event_id for event in flow.events]


def test_what_people_call_legitimate_is_told_no_more_and_all_else_is() -> None:
    trace = leaking(2)
    forged = {**own_segment(trace), "end_time": own_segment(trace)["end_time"] + 0.05}
    verdicts, _ = judged([trace, forged])
    (told,) = verdicts[LEAKING]
    cause = next(reason.finding.key for reason in told.reasons if reason.kind == CONTRADICTION)
    calm = replace(model(), feedback=Feedback((Accepted(cause),)))
    (flow,) = [flow for flow in flows_of([trace, forged]) if flow.function_name == LEAKING]
    (again,) = calm.judge([flow])
    assert again.verdict == "anomalous"
    assert {reason.kind for reason in again.reasons} == {reason.kind for reason in told.reasons} - {
        CONTRADICTION
    }


def test_what_contradicts_itself_is_not_learned() -> None:
    honest = list(traces(40, seed=3))
    own = next(
        one["Document"]
        for one in honest[0]["Segments"]
        if one["Document"]["origin"] == "AWS::Lambda::Function"
    )
    documents = as_documents([*honest, {**own, "end_time": own["end_time"] + 9}])
    training = learn(flows_from(documents, parser_for("auto", Settings()), Settings(), Tally()), Settings())
    assert training.flows == 79
    assert training.warnings[0].startswith("The documents of 1 of 80 flows contradict each other: ")


def test_a_line_that_is_stopped_and_resumed_tells_the_same() -> None:
    trace = leaking(6)
    forged = {**own_segment(trace), "name": "!", "aws": {}}
    documents = as_documents([trace, forged])
    told = []
    for cut in (None, 1):
        line = Pipeline(model(), parser_for("auto", Settings()), Settings(), Tally())
        line.push(documents[:cut])
        if cut is not None:
            state, line = (
                line.snapshot(),
                Pipeline(model(), parser_for("auto", Settings()), Settings(), Tally()),
            )
            line.restore(state)
            line.push(documents[cut:])
        told.append([*line.finish()])
    assert told[0] == told[1]
    assert any(isinstance(one, Alert) and one.kind == CONTRADICTION for one in told[0])


def one_after_another(parts: Sequence[Sequence[Json]], tally: Tally | None = None) -> Pipeline:
    """The line, which every part has passed after the traces of those before it were closed."""
    tally = tally or Tally()
    line = Pipeline(model(), parser_for("auto", Settings()), Settings(), tally)
    for documents in parts:
        line.push(as_documents(documents))
        line.advance(line.now + 1e4)
        state, alerts = line.snapshot(), line
        line = Pipeline(model(), parser_for("auto", Settings()), Settings(), tally)
        line.restore(state)
        assert [*line.judging.alerts] == [*alerts.judging.alerts]
    list(line.finish())
    return line


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9), change=st.sampled_from(OF_RUNS[:-1]), first=st.booleans())
def test_a_copy_of_a_run_that_comes_after_its_trace_was_closed_is_told_and_takes_nothing_back(
    seed: int, change: str, first: bool
) -> None:
    trace = leaking(seed)
    forged = CHANGES[change](copy.deepcopy(own_segment(trace)))
    del forged["subsegments"]
    tally = Tally()
    parts = [[forged], [trace]] if first else [[trace], [forged]]
    line = one_after_another(parts, tally)
    leaks = [alert for alert in line.judging.alerts if alert.kind == "new_resource"]
    assert any(reason.target == EVIL for alert in leaks for reason in alert.reasons)
    told = [alert for alert in line.judging.alerts if alert.kind == CONTRADICTION]
    assert len(told) == 1
    # What is dated decades away and comes first holds its trace open.
    assert tally.counts["traces opened anew by late telemetry"] == (not first or change != "decades away")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9), random=st.randoms())
def test_honest_documents_that_come_after_their_trace_was_closed_contradict_nothing(
    seed: int, random: Random
) -> None:
    trace = TraceBuilder(seed).trace("shop-prod-order", "shop-prod-pay")
    documents = sent_alone(trace, random)
    documents += random.sample(documents, 3)
    random.shuffle(documents)
    cuts = sorted(random.sample(range(1, len(documents)), 3))
    parts = [documents[a:b] for a, b in zip([0, *cuts], [*cuts, len(documents)], strict=True)]
    line = one_after_another([*parts, [trace]])
    assert CONTRADICTION not in {alert.kind for alert in line.judging.alerts}
