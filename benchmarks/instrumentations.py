"""Planted exfiltrations in functions of every instrumentation: are they found as in X-Ray's telemetry?

`python -m benchmarks.instrumentations` learns 200 benign invocations of each, as OTLP, and judges 100 more,
and 20 in which a compromised function does one thing besides: it writes to a bucket, or asks a host, that was
never met.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import coldtrail
from tests.fixtures.instrumentations import INSTRUMENTATIONS
from tests.fixtures.otel import OtelSpan, as_wire

LEARNED, BENIGN, PLANTED = 200, 100, 20
GAP_NS = 30_000_000_000
BUCKET, HOST = 1, 5
"""Places of these calls among those of an invocation."""


def main() -> int:
    """The exit status: 0 where all that can be seen is found."""
    print(f"{'instrumentation':<16}{'new bucket':>20}{'new host':>12}{'benign, flagged':>18}")
    missed = 0
    for name in INSTRUMENTATIONS:
        with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as folder:
            found = measure(name, Path(folder))
        told = BUCKET not in INSTRUMENTATIONS[name].without
        shown = f"{found[BUCKET]}/{PLANTED}" + ("" if told else " (not told)")
        print(f"{name:<16}{shown:>20}{f'{found[HOST]}/{PLANTED}':>12}{f'{found[0]}/{BENIGN}':>18}")
        missed += (told and found[BUCKET] < PLANTED) + (found[HOST] < PLANTED)
    return 1 if missed else 0


def measure(name: str, folder: Path) -> dict[int, int]:
    """How many of the planted runs were found, by what was planted; under 0, how many benign ones flagged."""
    rng = random.Random(name)
    write(folder / "history.pb", [invocation(name, rng, number) for number in range(LEARNED)])
    coldtrail.train([folder / "history.pb"], folder / "bundle")
    found = {}
    for planted, number in ((0, BENIGN), (BUCKET, PLANTED), (HOST, PLANTED)):
        first = LEARNED * (1 + planted)
        runs = [invocation(name, rng, first + one, planted) for one in range(number)]
        write(folder / "new.pb", runs)
        coldtrail.score(folder / "bundle", [folder / "new.pb"], folder / "verdicts.jsonl")
        verdicts = [
            json.loads(line)["verdict"] for line in (folder / "verdicts.jsonl").read_text().splitlines()
        ]
        found[planted] = verdicts.count("anomalous")
    return found


def invocation(name: str, rng: random.Random, number: int, planted: int = 0) -> list[OtelSpan]:
    """One invocation at a time of its own; with `planted`, that call once more, to somewhere else."""
    spans = INSTRUMENTATIONS[name].spans()
    if planted:
        call, later = spans[planted], 70_000_000
        more = {"start_ns": call.start_ns + later, "end_ns": call.end_ns + later}
        spans.insert(-1, replace(call, span_id="f" * 16, attributes=elsewhere(call), **more))
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


def write(path: Path, runs: Sequence[Sequence[OtelSpan]]) -> None:
    """The runs as requests, with the length of each before it."""
    with path.open("wb") as file:
        for run in runs:
            request = as_wire(run)
            file.write(len(request).to_bytes(4, "big") + request)


if __name__ == "__main__":
    raise SystemExit(main())
