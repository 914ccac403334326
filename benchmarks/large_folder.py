"""Peak memory of scoring ever larger folders of all formats that witnesses of one run are told in.

`python -m benchmarks.large_folder --gigabytes 1 5` writes them, hour by hour: X-Ray traces, and of each run a
line of Lambda's log, a call of CloudTrail (gzip) and a line of API Gateway; runs of other functions in OTLP
and as `aws/spans`; traffic. Each format has a folder of its own as services deliver them, or with
`--by-hour` each hour has. The peak should be that of the runs that are open at once, not of the folder.
With `--source` another checkout's `src` is measured.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks import accounts, otlp
from benchmarks.measuring import machine, run
from tests.fixtures.otel import as_json, as_record
from tests.fixtures.witnesses import ACCESS, CLOUDTRAIL, FLOW_HEADER

FUNCTIONS = 50
RUNS_AN_HOUR = 5_000
LEARNED_HOURS = 3
GIGABYTE = 10**9
MOST_MORE = 1.25
"""The peak of the largest folder over that of the smallest."""
_HOUR_S = 3_600.0
_BATCH = 5
_NS = 10**9
_RUN_OF_TRACE = re.compile(
    r'\\"name\\":\\"([^\\]+)\\",\\"start_time\\":([\d.]+),\\"end_time\\":([\d.]+).{1,300}?\\"request_id\\":\\"(\w+)'
)
_RUN = "import sys; sys.path.insert(0, {source!r}); from coldtrail.cli.main import main; sys.exit(main())"


class Told(NamedTuple):
    """What witnesses need to know of a run."""

    function: str
    start: float
    end: float
    request_id: str


class Hour(NamedTuple):
    """The runs of an hour."""

    number: int
    traces: list[str]
    runs: list[Told]


def main() -> int:
    """The exit status: 0 if the largest folder takes hardly more memory than the smallest."""
    parser = argparse.ArgumentParser(description="Peak memory of scoring large folders of mixed formats.")
    parser.add_argument("--gigabytes", type=float, nargs="+", default=[1.0, 5.0], help="default 1 5")
    parser.add_argument("--by-hour", action="store_true", help="a folder an hour, not one a format")
    parser.add_argument("--source", type=Path, default=Path(accounts.__file__).parents[1] / "src")
    options = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as name:
        folder = Path(name)
        command = [sys.executable, "-c", _RUN.format(source=str(options.source))]
        write(folder / "history", 0, LEARNED_HOURS, by_hour=options.by_hour)
        asked = ("--input", str(folder / "history"), "--bundle", str(folder / "bundle"), "--workers", "1")
        run([*command, "train", *asked], 1)
        peaks = [measure(folder, command, size, by_hour=options.by_hour) for size in options.gigabytes]
    return 0 if max(peaks) <= MOST_MORE * peaks[0] else 1


def measure(folder: Path, command: list[str], gigabytes: float, *, by_hour: bool) -> float:
    """The peak of scoring a folder of this size, in MiB."""
    new, bundle, verdicts = folder / "new", folder / "bundle", folder / "verdicts.jsonl"
    sizes, hours = [0], 0
    while sum(sizes) < gigabytes * GIGABYTE:
        sizes.append(write(new, LEARNED_HOURS + hours, 1, by_hour=by_hour))
        hours += 1
    asked = ("--bundle", str(bundle), "--input", str(new), "--output", str(verdicts), "--workers", "1")
    took = run([*command, "score", *asked], 1)
    with verdicts.open("rb") as file:
        flows = sum(1 for _ in file)
    print(
        f"{sum(sizes) / GIGABYTE:.2f} GB, {hours} hours, {flows:,} flows: peak {took.peak_mib:,.0f} MiB, "
        f"{took.cpu_s:,.0f} s of the processor, {took.wall_s:,.0f} s",
        flush=True,
    )
    shutil.rmtree(new)
    return took.peak_mib


def write(folder: Path, first: int, hours: int, *, by_hour: bool) -> int:
    """The bytes of so many hours of telemetry, written into a folder."""
    planned, size = accounts.plans(FUNCTIONS), 0
    for number in range(first, first + hours):
        start = accounts.START + number * _HOUR_S
        traces = list(accounts.traces(planned, RUNS_AN_HOUR, number, start, _HOUR_S))
        hour = Hour(number, traces, list(map(told_of, traces)))
        for name, (suffix, made) in FORMATS.items():
            file = folder / (f"{number:05d}/{name}{suffix}" if by_hour else f"{name}/{number:05d}{suffix}")
            file.parent.mkdir(parents=True, exist_ok=True)
            data = "".join(made(hour)).encode()
            file.write_bytes(gzip.compress(data, 1) if suffix.endswith(".gz") else data)
            size += file.stat().st_size
    return size


def told_of(trace: str) -> Told:
    """The run of an X-Ray trace that `accounts` wrote."""
    found = _RUN_OF_TRACE.search(trace)
    if found is None:
        raise ValueError("This trace has no run.")
    return Told(found[1], float(found[2]), float(found[3]), found[4])


def _traces(hour: Hour) -> Iterator[str]:
    yield from hour.traces


def _reports(hour: Hour) -> Iterator[str]:
    for one in hour.runs:
        took = 1_000 * (one.end - one.start)
        yield (
            f"{_iso(one.end)} REPORT RequestId: {one.request_id}\tDuration: {took:.2f} ms\t"
            f"Billed Duration: {took:.0f} ms\tMemory Size: 256 MB\tMax Memory Used: 94 MB\t\n"
        )


def _calls(hour: Hour) -> Iterator[str]:
    """A call that the trace does not tell of, by the credentials of the function."""
    shared = dict(CLOUDTRAIL["userIdentity"])
    scope = shared["inScopeOf"]
    records = []
    for place, one in enumerate(hour.runs):
        arn = f"arn:aws:lambda:{accounts.REGION}:{accounts.ACCOUNT}:function:{one.function}"
        shared["inScopeOf"] = scope | {"credentialsIssuedTo": arn, "credentialsIssuedToVersion": f"{arn}:7"}
        shared["accessKeyId"] = f"ASIA{one.function[-4:]}"
        ids = {"eventID": f"{hour.number:08x}-{place:012x}", "requestID": f"{hour.number:04X}{place:012X}"}
        record = CLOUDTRAIL | ids | {"eventTime": _iso(one.start)[:19] + "Z", "userIdentity": shared}
        records.append(json.dumps(record, separators=(",", ":")))
    yield f'{{"Records":[{",".join(records)}]}}'


def _requests(hour: Hour) -> Iterator[str]:
    for place, one in enumerate(hour.runs):
        ids = {"requestId": f"{hour.number:08x}-{place:012x}", "integration.requestId": one.request_id}
        when = {"requestTimeEpoch": str(round(1_000 * one.start)), "requestTime": "-"}
        yield json.dumps(ACCESS | ids | when | {"xrayTraceId": "-"}, separators=(",", ":")) + "\n"


def _batches(hour: Hour, draw: Random) -> Iterator[list[otlp.OtelSpan]]:
    for one in hour.runs[:: _BATCH**2]:
        at_ns = round(one.start * _NS)
        yield [span for _ in range(_BATCH) for span in otlp.invocation(draw, at_ns, _BATCH)]


def _requests_of_otlp(hour: Hour) -> Iterator[str]:
    for batch in _batches(hour, Random(2 * hour.number)):
        yield json.dumps(as_json(batch), separators=(",", ":")) + "\n"


def _records(hour: Hour) -> Iterator[str]:
    for batch in _batches(hour, Random(2 * hour.number + 1)):
        yield from (json.dumps(as_record(span), separators=(",", ":")) + "\n" for span in batch)


def _traffic(hour: Hour) -> Iterator[str]:
    yield FLOW_HEADER.decode() + "\n"
    for place, one in enumerate(hour.runs):
        yield (
            f"10 {accounts.ACCOUNT} eni-{place % 40:04d} 10.0.1.{place % 250} 52.218.0.9 {40_000 + place} "
            f"443 6 12 4096 {one.start:.0f} {one.end:.0f} ACCEPT OK vpc-1 S3 egress {accounts.REGION} -\n"
        )


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


FORMATS: dict[str, tuple[str, Callable[[Hour], Iterator[str]]]] = {
    "access-log": (".jsonl", _requests),
    "aws-spans": (".jsonl", _records),
    "cloudtrail": (".json.gz", _calls),
    "lambda-report": (".log", _reports),
    "otlp": (".jsonl", _requests_of_otlp),
    "vpc-flow": (".log", _traffic),
    "xray": (".jsonl", _traces),
}
"""By the name of their folder: how the files of an hour end, and what they hold."""


if __name__ == "__main__":
    raise SystemExit(main())
