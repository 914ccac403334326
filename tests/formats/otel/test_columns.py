"""Columns say what records say, and leave to records what is unusual."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest

from coldtrail.assembly.assembling import Assembling, straight
from coldtrail.config import LimitSettings, Settings
from coldtrail.features.lean import whole
from coldtrail.formats.otel import columns
from coldtrail.formats.otlp.parser import OtlpParser
from coldtrail.records.columns import WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from tests.fixtures.instrumentations import INSTRUMENTATIONS
from tests.fixtures.otel import START_NS, OtelSpan, as_wire
from tests.formats.otel.test_observing import SERVICE, span

GATEWAY = {"service.name": "shop/prod", "cloud.platform": "aws_api_gateway"}
CALL = {"http.method": "GET", "server.address": "a"}
QUEUE = {"messaging.system": "aws_sqs", "messaging.destination.name": "q", "messaging.operation": "process"}
LAMBDA = {"cloud.platform": "aws_lambda", "cloud.resource_id": "arn:aws:lambda:eu-west-1:1:function:Orders"}


def trace(seed: int) -> list[OtelSpan]:
    """A gateway, the platform's record of two runs, and their steps at any depth, in any order."""
    random = Random(seed)
    spans = [span(1, None, "SERVER", resource=GATEWAY), span(2, 1, "CLIENT", resource=GATEWAY)]
    spans += [span(3, 2, "SERVER", {"aws.request_id": "R"}, LAMBDA), span(4, 3, "INTERNAL", resource=LAMBDA)]
    spans += [span(5, 4, "SERVER", {"faas.invocation_id": "R"}), span(6, 5, "CLIENT", CALL)]
    spans += [span(7, 6, "SERVER", resource=SERVICE)]
    for number in range(8, 8 + random.randrange(20)):
        parent = random.choice([one for one in range(5, number) if one != 6])
        kind, told = random.choice([("INTERNAL", {}), ("CLIENT", CALL)])
        start = START_NS + random.randrange(5) * 1_000_000 if random.random() < 0.5 else START_NS + number
        spans.append(span(number, parent, kind, told, start_ns=start, error=random.random() < 0.2))
    random.shuffle(spans)
    return spans


def flows(spans: Sequence[OtelSpan], *, lean: bool) -> list[Flow]:
    parser = OtlpParser(Settings())
    line = Assembling(straight(parser) if lean else parser, Settings(), Tally())
    line.push([Document(as_wire(spans), "test")])
    return sorted([whole(flow) for flow in line.drain()], key=lambda flow: flow.function_flow_id)


def taken(spans: Sequence[OtelSpan], limits: LimitSettings | None = None) -> bool:
    """Whether columns tell of the spans."""
    found = OtlpParser(Settings(limits=limits or LimitSettings())).straight(Document(as_wire(spans), "test"))
    return isinstance(found, WholeTrace)


@pytest.mark.parametrize("seed", range(60))
def test_columns_say_what_records_say(seed: int) -> None:
    spans = trace(seed)
    assert flows(spans, lean=True) == flows(spans, lean=False)


def test_columns_are_what_is_usual() -> None:
    assert sum(taken(trace(seed)) for seed in range(60)) > 15


@pytest.mark.parametrize("name", sorted(INSTRUMENTATIONS))
def test_every_instrumentation_fits_columns(name: str) -> None:
    spans = INSTRUMENTATIONS[name].spans()
    assert taken(spans)
    assert flows(spans, lean=True) == flows(spans, lean=False)


def _nested(spans: list[OtelSpan]) -> list[OtelSpan]:
    return [*spans, span(90, 5, "SERVER"), span(91, 90)]


@pytest.mark.parametrize(
    "change",
    [
        _nested,
        lambda spans: [*spans, spans[0]],
        lambda spans: [*spans, span(90, 99)],
        lambda spans: [*spans, span(90, 5, end_ns=0)],
        lambda spans: [*spans, span(90, 5, end_ns=1)],
        lambda spans: [*spans, span(90, 5, "CONSUMER", QUEUE)],
        lambda spans: [*spans, span(90, 5, links=(("1" * 32, "2" * 16),))],
        lambda spans: [*spans, span(90, 5, attributes={"aws.trace.flag.sampled": 0})],
        lambda spans: [*spans, span(90, None, "CLIENT", CALL)],
        lambda spans: [*spans, span(90, 1)],
        lambda spans: [*spans, replace(spans[0], trace_id="7" * 32)],
        lambda spans: [*spans, span(90, 91), span(91, 90)],
        lambda spans: [*spans, span(90, 5, name="Initialization", start_ns=START_NS - 9 * 10**9,
                                    end_ns=START_NS - 8 * 10**9)],
        lambda spans: [*spans, span(90, 5), *(span(one, one - 1) for one in range(91, 160))],
    ],
)  # fmt: skip
def test_what_is_unusual_is_left_to_records(change: Callable[[list[OtelSpan]], list[OtelSpan]]) -> None:
    spans = change(trace(1))
    assert taken(trace(1))
    assert not taken(spans)
    assert flows(spans, lean=True) == flows(spans, lean=False)


def test_no_limit_makes_the_walk_too_deep() -> None:
    chain = [span(1, None, "SERVER"), *(span(one, one - 1) for one in range(2, 5_000))]
    assert not taken(chain, LimitSettings(max_depth=2**20))


def test_many_steps_are_left_to_records() -> None:
    assert not taken(trace(3), LimitSettings(max_events_per_flow=1))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_MOST_TOLD", 10)
    parser = OtlpParser(Settings())
    for seed in range(20):
        parser.straight(Document(as_wire(trace(seed)), "test"))
    assert parser._columns._number <= 10 + 30
