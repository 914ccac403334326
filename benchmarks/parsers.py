"""Speed of each parser beside a bare decode of the same bytes, in documents a second.

`python -m benchmarks.parsers` prints the rows of docs/performance.md. Processor seconds, and both ways of a
row in each round, so that a busy machine weighs on both. No two documents are equal: ids are each one's own,
functions and addresses are of a few hundred. A bare decode of JSON is that of msgspec into Python's own
objects; of text one that decodes it and cuts it at blanks. Beside it stands what scripts do with the same
bytes in Python alone: `json.loads`, a dictionary by the header, `csv`, a regular expression.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from benchmarks.measuring import cpu_seconds, machine
from coldtrail.config import Settings
from coldtrail.formats.detect import Format
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document
from coldtrail.registry import FORMATS, load
from tests.contracts.test_formats import payload
from tests.fixtures.witnesses import BALANCED, REQUEST_ID, TRACE_ID

_OWN = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\b1-)[0-9a-f]{8}-[0-9a-f]{24}")
_SHARED = re.compile(rb"ConfirmBooking|203\.0\.113\.7|52\.218\.0\.9")
_LINE = (
    f"2026-11-30T12:00:00.766Z REPORT RequestId: {REQUEST_ID}\tDuration: 2599.40 ms\t"
    "Billed Duration: 2600 ms\tMemory Size: 128 MB\tMax Memory Used: 94 MB\tInit Duration: 549.04 ms\t"
    f"XRAY TraceId: {TRACE_ID}\tSegmentId: 24cd7d670fa455f0\tSampled: true\t"
)
_FUNCTIONS = 300
TEXTS = {
    "lambda-report, text": ("lambda-report", _LINE.encode()),
    "access-log, ALB": ("access-log", BALANCED),
}


def main() -> int:
    """The exit status: 0."""
    parser = argparse.ArgumentParser(description="Speed of each parser beside a bare decode.")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument("--documents", type=int, default=20_000, help="of each format (default 20000)")
    options = parser.parse_args()
    print(machine())
    print(f"{'what':<24}{'documents/s':>14}{'bare decode':>14}{'ratio':>8}{'script':>8}{'bytes':>8}")
    for what, (name, sample) in ({one: (one, compact(one)) for one in FORMATS} | TEXTS).items():
        _row(what, name, list(varied(sample, options.documents)), options.rounds)
    return 0


def compact(name: str) -> bytes:
    """The sample of a format, without blanks as services write it."""
    sample = payload(name)
    return msgspec.json.format(sample, indent=-1) if sample[:1] == b"{" else sample


def varied(sample: bytes, number: int) -> Iterator[bytes]:
    """Documents like the sample, each with ids of its own."""
    draw = random.Random(7)

    def own(found: re.Match[bytes]) -> bytes:
        return re.sub(rb"[0-9a-f]", lambda _: b"%x" % draw.randrange(16), found[0])

    for _ in range(number):
        mark = b"%d" % draw.randrange(_FUNCTIONS)
        yield _SHARED.sub(lambda found, mark=mark: found[0][: -len(mark)] + mark, _OWN.sub(own, sample))


def bare(sample: bytes) -> Callable[[bytes], object]:
    """The least that must be done to look at a document."""
    if sample[:1] in b"{[":
        return msgspec.json.decode
    return lambda data: data.decode().split()


def _by_header(data: bytes) -> object:
    header, line = data.decode().split("\n")
    return dict(zip(header.split(), line.split(), strict=True))


def _by_quotes(data: bytes) -> object:
    return next(csv.reader([data.decode()], delimiter=" "))


_VALUES = re.compile(r"([A-Z][A-Za-z ]+): (\S+)")


def _by_expression(data: bytes) -> object:
    return dict(_VALUES.findall(data.decode()))


SCRIPTS: dict[str, Callable[[bytes], object]] = {
    "vpc-flow": _by_header,
    "access-log": _by_quotes,
    "lambda-report": _by_expression,
}
"""What a script would do with a line of text of a format."""


def _row(what: str, name: str, payloads: list[bytes], rounds: int) -> None:
    documents = [Document(data, "benchmark", f"line {at}") for at, data in enumerate(payloads)]
    parse: Format = load(FORMATS, name, "format")(Settings(), Pseudonyms(b"k" * 32))
    decode = bare(payloads[0])
    slower = json.loads if payloads[0][:1] in b"{[" else SCRIPTS[name]
    ours, theirs, slow = [], [], []
    for _ in range(rounds):
        theirs.append(cpu_seconds(lambda: _all(decode, payloads)))
        ours.append(cpu_seconds(lambda: _all(parse, documents)))
        slow.append(cpu_seconds(lambda: _all(slower, payloads)))
    number, size = len(payloads), sum(map(len, payloads)) // len(payloads)
    rates = number / statistics.median(ours), number / statistics.median(theirs)
    ratios = _ratio(ours, theirs), _ratio(ours, slow)
    print(
        f"{what:<24}{rates[0]:>14,.0f}{rates[1]:>14,.0f}{ratios[0]:>8.2f}{ratios[1]:>8.2f}{size:>8,}",
        flush=True,
    )


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median([one / other for one, other in zip(ours, theirs, strict=True)])


def _all(work: Callable[[Any], object], things: Iterable[Any]) -> None:
    for thing in things:
        work(thing)


if __name__ == "__main__":
    raise SystemExit(main())
