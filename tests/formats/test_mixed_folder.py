"""A folder that holds something of every format: each document finds its own, and the counts add up."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldtrail.assembly.assembling import Parsing
from coldtrail.config import Settings
from coldtrail.records.telemetry import Observations
from coldtrail.registry import FORMATS
from coldtrail.verbs.reading import read_documents
from tests.contracts.test_formats import GOOD, payload
from tests.fixtures.witnesses import (
    ACCESS,
    BALANCED,
    CLOUDTRAIL,
    FLOW,
    FLOW_HEADER,
    LAMBDA_REPORT,
    QUERY,
    REQUEST_ID,
)
from tests.formats.access_log.test_parser import COMMON
from tests.sources.test_envelopes import SUBSCRIPTION, packed

LINES = b"\n".join(
    [
        b"2026-11-30T12:00:00.000Z INIT_START Runtime Version: python:3.13.v1",
        f"2026-11-30T12:00:00.100Z START RequestId: {REQUEST_ID} Version: 7".encode(),
        b"paying with 4111 1111 1111 1111",
        b"Traceback (most recent call last):",
        f"2026-11-30T12:00:01.000Z END RequestId: {REQUEST_ID}".encode(),
        f"2026-11-30T12:00:01.000Z REPORT RequestId: {REQUEST_ID}\tDuration: 900 ms".encode(),
    ]
)
ANSWER = {
    "MetricDataResults": [
        {"Id": "m1", "Label": "pay Invocations Sum", "Timestamps": ["2026-11-30T12:00:00Z"], "Values": [3]}
    ]
}
SENT = SUBSCRIPTION | {"logEvents": [{"message": line.decode()} for line in LINES.split(b"\n")]}
FLOW_LINE = FLOW.partition(b"\n")[2]


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


WITHIN = {"aws-spans": 3, "appinsights": 2}
"""Documents in the envelopes of the formats whose good document is one."""
FILES: dict[str, tuple[bytes, Counter[str], int]] = {
    "AWSLogs/trail.json.gz": (
        gzip.compress(json.dumps({"Records": [CLOUDTRAIL] * 7}).encode()),
        Counter({"cloudtrail": 7}),
        0,
    ),
    "trail/answer.json": (
        json.dumps({"Events": [{"CloudTrailEvent": json.dumps(CLOUDTRAIL)}] * 2}, indent=2).encode(),
        Counter({"cloudtrail": 2}),
        0,
    ),
    "lambda/lines.log": (LINES, Counter({"lambda-report": 4}), 0),
    "lambda/events.jsonl": (lines(*[LAMBDA_REPORT] * 3), Counter({"lambda-report": 3}), 0),
    "lambda/sent.json": (
        json.dumps({"awslogs": {"data": packed(SENT)}}).encode(),
        Counter({"lambda-report": 4}),
        0,
    ),
    "metrics/answer.json": (json.dumps(ANSWER, indent=1).encode(), Counter({"cloudwatch-metrics": 1}), 0),
    "edge/api.jsonl": (lines(ACCESS, ACCESS), Counter({"access-log": 2}), 0),
    "edge/api.log": (COMMON.encode() + b"\n" + COMMON.encode(), Counter({"access-log": 2}), 0),
    "edge/balancer.log.gz": (
        gzip.compress(b"\n".join([BALANCED] * 3) + b"\n"),
        Counter({"access-log": 3}),
        0,
    ),
    "net/flows.log.gz": (
        gzip.compress(b"\n".join([FLOW_HEADER, *[FLOW_LINE] * 5]) + b"\n"),
        Counter({"vpc-flow": 5}),
        0,
    ),
    "net/queries.log": (lines(*[QUERY] * 4), Counter({"resolver-log": 4}), 0),
    "junk/notes.log": (b"dear diary\n\nnothing happened\n", Counter(), 2),
    "junk/other.jsonl": (lines({"hello": "world"}, {"Records": []}, 7), Counter(), 2),
    **{
        f"good/{name}.{'log' if isinstance(good, bytes) else 'json'}": (
            payload(name),
            Counter({name: WITHIN.get(name, 1)}),
            0,
        )
        for name, good in GOOD.items()
    },
}
EXPECTED: Counter[str] = sum((read for _, read, _ in FILES.values()), Counter())
REFUSED = sum(refused for *_, refused in FILES.values())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, (data, *_) in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def read(paths: list[Path]) -> Iterator[tuple[Observations | None, Counter[str]]]:
    telemetry = read_documents(paths, Settings(), "auto")
    tally, parsing = telemetry.tally, Parsing(telemetry.parser, telemetry.tally)
    for document in telemetry.documents:
        told = parsing.of(document)
        assert told is None or isinstance(told, Observations)
        yield told, tally.counts


def counts_of(paths: list[Path]) -> Counter[str]:
    return next(reversed([counts for _, counts in read(paths)]))


@pytest.mark.parametrize("seed", range(4))
def test_each_document_finds_its_format_in_any_order(folder: Path, seed: int) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    random.Random(seed).shuffle(paths)
    counts = counts_of(paths if seed else [folder])
    found = {name.removeprefix("format "): n for name, n in counts.items() if name.startswith("format ")}
    assert found == EXPECTED
    assert counts["documents refused"] == REFUSED
    assert counts["documents read"] == sum(found.values()) + REFUSED
    assert counts["empty answers"] == 1


def test_every_format_has_a_file() -> None:
    assert EXPECTED.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", sorted(GOOD))
def test_no_other_format_takes_a_document_for_its_own(name: str, folder: Path) -> None:
    parsed = [told for told, _ in read([folder / f"good/{name}.{_suffix(name)}"])]
    assert [told is not None and told.problems == [] for told in parsed] == [True] * WITHIN.get(name, 1)


def _suffix(name: str) -> str:
    return "log" if isinstance(GOOD[name], bytes) else "json"
