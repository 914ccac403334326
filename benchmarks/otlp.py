"""Speed of the parsers of OpenTelemetry's spans, beside a bare decode of the same bytes.

`python -m benchmarks.otlp` prints the rows of docs/performance.md. Processor seconds, and both ways of a row
in each round, so that a busy machine weighs on both. Batches of 25 spans, as SDKs send them: invocations with
their calls, 13 attributes a span, among them ids that no other span shares.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import msgspec
import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.measuring import cpu_seconds, machine
from coldtrail.config import Settings
from coldtrail.formats.detect import parser_for
from coldtrail.records.telemetry import Document
from tests.fixtures.otel import START_NS, OtelSpan, as_json, as_record, as_wire

T = TypeVar("T")
SPANS_A_BATCH = 25
CALLS = (("DynamoDB", "GetItem"), ("DynamoDB", "UpdateItem"), ("S3", "PutObject"), ("SQS", "SendMessage"))


def main() -> int:
    """The exit status: 0."""
    parser = argparse.ArgumentParser(description="Speed of the parsers of OpenTelemetry's spans.")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument("--batches", type=int, default=2_000, help="of 25 spans each (default 2000)")
    options = parser.parse_args()
    batches = list(spans(options.batches, random.Random(1)))
    wires = [as_wire(batch) for batch in batches]
    texts = [json.dumps(as_json(batch), separators=(",", ":")).encode() for batch in batches]
    records = [
        json.dumps(as_record(span), separators=(",", ":")).encode() for batch in batches for span in batch
    ]
    print(machine())
    print(f"{'what':<44}{'spans/s':>12}{'of bare':>9}")
    _row("protobuf", wires, ExportTraceServiceRequest.FromString, "otlp", options.rounds)
    _row("protobuf, copied into Python", wires, _walked, "otlp", options.rounds)
    _row("JSON, msgspec", texts, msgspec.json.decode, "otlp", options.rounds)
    _row("JSON, orjson", texts, orjson.loads, "otlp", options.rounds)
    _row("aws/spans, msgspec", records, msgspec.json.decode, "aws-spans", options.rounds, 1)
    return 0


def _row(
    what: str,
    payloads: list[bytes],
    bare: Callable[[bytes], object],
    name: str,
    rounds: int,
    spans_each: int = SPANS_A_BATCH,
) -> None:
    documents = [Document(payload, "benchmark") for payload in payloads]
    size = spans_each * len(payloads)
    first, again, theirs = [], [], []
    for _ in range(rounds):
        parse = parser_for(name, Settings())
        first.append(cpu_seconds(partial(_each, parse, documents)))
        again.append(cpu_seconds(partial(_each, parse, documents)))
        theirs.append(cpu_seconds(partial(_each, bare, payloads)))
    least = min(theirs)
    print(f"{'bare decode: ' + what:<44}{size / least:>12,.0f}")
    for label, seconds in (("coldtrail to observations", min(again)), ("  the first time", min(first))):
        print(f"{label:<44}{size / seconds:>12,.0f}{seconds / least:>8.1f}x")


def _each(work: Callable[[T], object], things: list[T]) -> None:
    for thing in things:
        work(thing)


def _walked(payload: bytes) -> list[object]:
    """What a decoder that is no part of Coldtrail has to give at the least: ids, times and attributes."""
    return [
        (
            span.trace_id,
            span.span_id,
            span.parent_span_id,
            span.name,
            span.kind,
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            {pair.key: pair.value.string_value for pair in span.attributes},
        )
        for group in ExportTraceServiceRequest.FromString(payload).resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def spans(batches: int, rng: random.Random) -> Iterator[list[OtelSpan]]:
    """Batches of whole invocations of forty functions."""
    for number in range(batches):
        batch: list[OtelSpan] = []
        while len(batch) < SPANS_A_BATCH:
            batch += invocation(rng, START_NS + number * 1_000_000_000, SPANS_A_BATCH - len(batch))
        yield batch


def invocation(rng: random.Random, at_ns: int, most: int) -> list[OtelSpan]:
    """An invocation and its calls: five spans or fewer."""
    function = f"shop-prod-function{rng.randrange(40):02}"
    trace_id, entry_id = rng.randbytes(16).hex(), rng.randbytes(8).hex()
    arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{function}"
    resource = {
        "service.name": function,
        "faas.name": function,
        "faas.version": "7",
        "faas.instance": "2026/11/30/[7]0123456789abcdef0123456789abcdef",
        "cloud.provider": "aws",
        "cloud.platform": "aws_lambda",
        "cloud.region": "eu-west-1",
        "telemetry.sdk.language": "python",
    }
    calls = [
        OtelSpan(trace_id, rng.randbytes(8).hex(), entry_id, f"{service}.{operation}", "CLIENT",
                 at_ns + 1_000_000 * step, at_ns + 1_000_000 * step + 800_000,
                 _call(rng, service, operation), resource)
        for step, (service, operation) in enumerate(CALLS[: most - 1])
    ]  # fmt: skip
    entry = OtelSpan(trace_id, entry_id, None, function, "SERVER", at_ns, at_ns + 9_000_000, {
        "faas.invocation_id": str(rng.getrandbits(64)), "cloud.resource_id": arn,
        "cloud.account.id": "123456789012", "faas.trigger": "other", "faas.coldstart": False,
    }, resource)  # fmt: skip
    return [*calls, entry]


def _call(rng: random.Random, service: str, operation: str) -> dict[str, object]:
    table, bucket = f"Orders{rng.randrange(5)}", f"receipts-{rng.randrange(5)}"
    queue = f"https://sqs.eu-west-1.amazonaws.com/123456789012/mail{rng.randrange(5)}"
    names = {
        "DynamoDB": {"aws.dynamodb.table_names": [table], "db.system": "dynamodb", "db.operation": operation},
        "S3": {"aws.s3.bucket": bucket, "aws.s3.key": f"receipt-{rng.getrandbits(32)}"},
        "SQS": {"aws.sqs.queue.url": queue, "messaging.system": "aws_sqs"},
    }
    return {
        "rpc.system": "aws-api",
        "rpc.service": service,
        "rpc.method": operation,
        "cloud.region": "eu-west-1",
        "server.address": f"{service.lower()}.eu-west-1.amazonaws.com",
        "server.port": 443,
        "aws.request_id": rng.randbytes(16).hex().upper(),
        "retry_attempts": 0,
        "http.status_code": 200,
        "thread.name": "MainThread",
        **names[service],
    }


if __name__ == "__main__":
    raise SystemExit(main())
