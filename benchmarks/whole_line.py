"""Flows a second from telemetry to verdict: the same traces as X-Ray, OTLP and `aws/spans`, in turn.

`python -m benchmarks.whole_line` records a run of the testbed's airline, writes it in each form, a trace a
document where the form has traces, several times over with ids of its own each time, and scores all. With
`--recorded` a run is taken that was recorded before: `coldtrail testbed record --telemetry otlp,aws-spans`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import gzip
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measuring import cpu_seconds, machine
from coldtrail import score, train
from tests.fixtures.otel import OtelSpan, as_wire

VISITS = 200
COPIES = 6
LEAST_SHARE = 0.8
"""Of X-Ray's flows a second that OTLP in protobuf's wire format should reach."""
_KINDS = {1: "INTERNAL", 2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}
_ID = re.compile(
    rb"(?<=1-)[0-9a-f]{8}-[0-9a-f]{24}|\b[0-9a-f]{32}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""Of traces and requests."""


def main() -> int:
    """The exit status: 0 if the bar is met."""
    parser = argparse.ArgumentParser(description="Flows a second by the form of the telemetry.")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument("--recorded", type=Path, help="a recorded run, in place of one of its own")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="coldtrail-bench-") as name:
        folder = Path(name)
        run = options.recorded or record(folder / "run")
        written = write(run, folder)
        return measure(run, written, folder, options.rounds)


def measure(run: Path, written: dict[str, Path], folder: Path, rounds: int) -> int:
    """The exit status: 0 if the bar is met."""
    # Of one copy alone: runs of several at the same moments are no habit to learn.
    train(run / "traces.jsonl.gz", folder / "bundle", workers=1)
    seconds: dict[str, list[float]] = {form: [] for form in written}
    for _ in range(rounds):
        for form, file in written.items():
            output = folder / f"{form}-verdicts.jsonl"
            scored = cpu_seconds(lambda f=file, o=output: score(folder / "bundle", [f], o, workers=1))  # type: ignore[misc]
            seconds[form].append(scored)
    flows = {form: (folder / f"{form}-verdicts.jsonl").read_bytes().count(b"\n") for form in written}
    print(f"Median of {rounds} rounds; {machine()}")
    print(f"{'form':<16}{'flows':>8}{'flows/s':>10}{'of X-Ray':>10}")
    shares = {}
    for form, took in seconds.items():
        alike = zip(seconds["xray"], took, strict=True)
        shares[form] = statistics.median(one / other for one, other in alike)
        rate = flows[form] / statistics.median(took)
        print(f"{form:<16}{flows[form]:>8,}{rate:>10,.0f}{shares[form]:>10.2f}")
    return 0 if shares["protobuf"] >= LEAST_SHARE else 1


def record(folder: Path) -> Path:
    """A recorded run of the airline, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "coldtrail",
        "testbed",
        "record",
        "--app",
        "airline",
        "--attacks",
        "none",
    ]
    command += ["--iterations", str(VISITS), "--telemetry", "otlp,aws-spans", "--output", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def write(run: Path, folder: Path) -> dict[str, Path]:
    """The run in each form, several times over."""
    lines = {name: gzip.decompress((run / f"{name}.jsonl.gz").read_bytes()).splitlines() for name in _FILES}
    written = {}
    for name, form in _FILES.items():
        written[form] = folder / f"{form}.jsonl"
        with written[form].open("wb") as file:
            for copy in range(COPIES):
                file.writelines(own(line, copy) + b"\n" for line in lines[name])
    written["protobuf"] = folder / "protobuf.pb"
    with written["protobuf"].open("wb") as file:
        for copy in range(COPIES):
            for line in lines["otlp"]:
                request = as_wire(list(spans(json.loads(own(line, copy)))))
                file.write(len(request).to_bytes(4, "big") + request)
    return written


_FILES = {"traces": "xray", "otlp": "otlp", "aws_spans": "aws-spans"}


def own(line: bytes, copy: int) -> bytes:
    """The same trace with ids that no other copy has."""
    return _ID.sub(lambda found: found[0][:-2] + b"%02x" % copy, line)


def spans(request: dict[str, Any]) -> Iterator[OtelSpan]:
    """The spans of a request in JSON."""
    for group in request["resourceSpans"]:
        resource = _told(group["resource"]["attributes"])
        for span in (span for scope in group["scopeSpans"] for span in scope["spans"]):
            yield OtelSpan(
                span["traceId"],
                span["spanId"],
                span.get("parentSpanId"),
                span["name"],
                _KINDS[span["kind"]],
                int(span["startTimeUnixNano"]),
                int(span["endTimeUnixNano"]),
                _told(span["attributes"]),
                resource,
                span["status"].get("code") == 2,
                tuple((link["traceId"], link["spanId"]) for link in span.get("links", ())),
            )


def _told(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {one["key"]: _value(one["value"]) for one in attributes}


def _value(value: dict[str, Any]) -> Any:
    [(kind, held)] = value.items()
    if kind == "arrayValue":
        return [_value(one) for one in held["values"]]
    return int(held) if kind == "intValue" else held


if __name__ == "__main__":
    raise SystemExit(main())
