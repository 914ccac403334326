"""Planted exfiltrations in functions of every instrumentation: are they found as in X-Ray's telemetry?

`python -m benchmarks.instrumentations` learns 200 benign invocations of each, as OTLP (and one as X-Ray and
as `aws/spans` have it), and judges 100 more, and 20 in which one of the usual calls goes elsewhere: what is
written to a bucket, or asked of a host, is written to or asked of one that was never met. Nothing else
changes, so that what does not tell the bucket cannot show it.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import coldtrail
from tests.fixtures.instrumentations import ACCOUNT, ARN, FUNCTION, INSTRUMENTATIONS, QUEUE, REGION, TOPIC
from tests.fixtures.otel import OtelSpan, as_record, as_wire

LEARNED, BENIGN, PLANTED = 200, 100, 20
GAP_NS = 30_000_000_000
BUCKET, HOST = 1, 5
"""Places of these calls among those of an invocation."""


XRAY, AWS_SPANS = "X-Ray", "aws-spans"
AS_RECORDS = "adot-python"
"""The instrumentation whose spans are written as `aws/spans` has them."""
CALLS: tuple[dict[str, Any], ...] = (
    {"name": "DynamoDB", "aws": {"operation": "GetItem", "table_name": "Stock"}},
    {"name": "S3", "aws": {"operation": "PutObject", "bucket_name": "receipts"}},
    {"name": "SQS", "aws": {"operation": "SendMessage", "queue_url": QUEUE}},
    {"name": "SNS", "aws": {"operation": "Publish", "topic_arn": TOPIC}},
    {"name": "Lambda", "aws": {"operation": "Invoke", "function_name": "Charge"}},
    {
        "name": "api.shop.example",
        "http": {"request": {"url": "https://api.shop.example/v1", "method": "GET"}},
    },
    {"name": "shop@db.shop.internal", "sql": {"database_type": "PostgreSQL", "sanitized_query": "SELECT 1"}},
)
"""The calls of the same invocation as the SDK of X-Ray tells them."""


def main() -> int:
    """The exit status: 0 where all that can be seen is found."""
    print(f"{'told by':<16}{'new bucket':>20}{'new host':>12}{'benign, flagged':>18}")
    missed = 0
    for name in (XRAY, AWS_SPANS, *INSTRUMENTATIONS):
        with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as folder:
            found = measure(name, Path(folder))
        told = name not in INSTRUMENTATIONS or BUCKET not in INSTRUMENTATIONS[name].without
        shown = f"{found[BUCKET]}/{PLANTED}" + ("" if told else " (not told)")
        print(f"{name:<16}{shown:>20}{f'{found[HOST]}/{PLANTED}':>12}{f'{found[0]}/{BENIGN}':>18}")
        missed += (told and found[BUCKET] < PLANTED) + (found[HOST] < PLANTED)
    return 1 if missed else 0


def measure(name: str, folder: Path) -> dict[int, int]:
    """How many of the planted runs were found, by what was planted; under 0, how many benign ones flagged."""
    rng = random.Random(name)
    history = write(folder / "history", name, [invocation(name, rng, number) for number in range(LEARNED)])
    coldtrail.train([history], folder / "bundle")
    found = {}
    for planted, number in ((0, BENIGN), (BUCKET, PLANTED), (HOST, PLANTED)):
        first = LEARNED * (1 + planted)
        runs = [invocation(name, rng, first + one, planted) for one in range(number)]
        new = write(folder / f"new-{planted}", name, runs)
        coldtrail.score(folder / "bundle", [new], folder / "verdicts.jsonl")
        lines = (folder / "verdicts.jsonl").read_text().splitlines()
        assert len(lines) == number
        found[planted] = [json.loads(line)["verdict"] for line in lines].count("anomalous")
    return found


def invocation(name: str, rng: random.Random, number: int, planted: int = 0) -> list[OtelSpan]:
    """One invocation at a time of its own; with `planted`, that call of it goes to somewhere else."""
    told_by = INSTRUMENTATIONS.get(name, INSTRUMENTATIONS[AS_RECORDS])
    spans = told_by.spans()
    if name == XRAY:
        spans[:-1] = [replace(span, attributes=call) for span, call in zip(spans[:-1], CALLS, strict=True)]
    if planted:
        spans[planted] = replace(spans[planted], attributes=elsewhere(spans[planted]))
    return list(moved(spans, rng, number))


def elsewhere(call: OtelSpan) -> dict[str, object]:
    """The attributes of a call of the same kind to another bucket or host."""
    text = (
        json.dumps(call.attributes)
        .replace("receipts", "elsewhere-4711")
        .replace("api.shop.example", "evil.example")
    )
    changed: dict[str, object] = json.loads(text)
    return changed


def moved(spans: Sequence[OtelSpan], rng: random.Random, number: int) -> Iterator[OtelSpan]:
    """The spans with ids and times of their own."""
    trace_id, ids = rng.randbytes(16).hex(), {span.span_id: rng.randbytes(8).hex() for span in spans}
    for span in spans:
        jitter = rng.randrange(2_000_000)
        yield replace(
            span,
            trace_id=trace_id,
            span_id=ids[span.span_id],
            parent_id=ids.get(span.parent_id or ""),
            start_ns=span.start_ns + number * GAP_NS + (jitter if span.parent_id else 0),
            end_ns=span.end_ns + number * GAP_NS + jitter,
        )


def write(path: Path, name: str, runs: Sequence[Sequence[OtelSpan]]) -> Path:
    """The file of the runs: traces and records a line, requests with the length of each before it."""
    if name in INSTRUMENTATIONS:
        requests = [as_wire(run) for run in runs]
        path = path.with_suffix(".pb")
        path.write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in requests))
        return path
    of_run = _traces if name == XRAY else _records
    told = [one for run in runs for one in of_run(run)]
    path = path.with_suffix(".jsonl")
    path.write_text("".join(json.dumps(one) + "\n" for one in told))
    return path


def _records(run: Sequence[OtelSpan]) -> list[dict[str, Any]]:
    return list(map(as_record, run))


def _traces(run: Sequence[OtelSpan]) -> list[dict[str, Any]]:
    """The invocation as `BatchGetTraces` gives it: the function's record with its calls."""
    *calls, entry = run
    trace_id = f"1-{entry.trace_id[:8]}-{entry.trace_id[8:]}"
    steps = [_timed(call) | {"namespace": "aws" if "aws" in call.attributes else "remote"} for call in calls]
    steps = [step | call.attributes for step, call in zip(steps, calls, strict=True)]
    own = _timed(entry) | {"name": FUNCTION, "trace_id": trace_id, "origin": "AWS::Lambda::Function"}
    own |= {"aws": {"function_arn": ARN, "account_id": ACCOUNT, "region": REGION}, "subsegments": steps}
    return [{"Id": trace_id, "Segments": [{"Id": own["id"], "Document": json.dumps(own)}]}]


def _timed(span: OtelSpan) -> dict[str, Any]:
    return {"id": span.span_id, "start_time": span.start_ns / 1e9, "end_time": span.end_ns / 1e9}


if __name__ == "__main__":
    raise SystemExit(main())
