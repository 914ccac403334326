"""Secrets planted in every field of every format reach nothing that Coldtrail writes or says."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from coldtrail.cli.main import main
from coldtrail.formats.otel import attributes
from coldtrail.registry import FORMATS
from coldtrail.sources.expansion import zstd
from coldtrail.testing import make_history
from tests.contracts.planting import OPAQUE, Planted, field_of, marks_in, planted
from tests.verbs.telemetry_files import native_lines

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("planted")]
IDS: dict[str, set[str]] = {
    "xray": {"Id", "id", "parent_id", "trace_id"},
    "native": {"application_flow_id", "function_flow_id", "event_id", "event_parent_id", "request_id"},
    "appinsights": {"Id", "OperationId", "ParentId"},
    "gcp-trace": {"traceId"},
}
"""Ids of traces and of what is in them, by which people look them up: they are shown as they are."""
OTEL = set(attributes.LISTED.difference(attributes.STATEMENT)) | {"name"}
"""The name of a span, and what is on the allow-list; which words are never on it a test of its own says."""
NAMES: dict[str, set[str]] = {
    "xray": {
        *("name", "origin", "operation", "resource_arn", "database_type"),
        *("bucket_name", "queue_url", "table_name", "topic_arn"),
    },
    "native": {
        *("account", "region", "application_name", "function_name", "version", "trigger", "caller"),
        *("event_name", "event_type", "event_parent_name", "event_target_resource"),
    },
    "otlp": OTEL,
    "aws-spans": OTEL,
    "cloudtrail": {
        *("eventID", "requestID", "sharedEventID", "x-amz-id-2", "eventName", "eventSource", "errorCode"),
        *("accountId", "recipientAccountId", "awsRegion", "arn", "type", "bucketName", "vpcEndpointId"),
        *("functionVersion", "credentialsIssuedToVersion", "vpcEndpointAccountId", "customerEniId"),
    },
    "lambda-report": {
        *("requestId", "spanId", "functionName", "functionVersion", "version", "revisionId"),
        *("environmentId", "instanceId"),
    },
    "lambda-insights": {"function_name", "request_id"},
    "cloudwatch-metrics": {
        *("FunctionName", "function_name", "application_name", "account", "account_id", "region"),
        *("trigger", "version"),
    },
    # The account, the interface, the VPC, the region and the service.
    "vpc-flow": {"word 1", "word 2", "word 14", "word 15", "word 17"},
    "resolver-log": {"account_id", "region", "vpc_id", "resolver_network_interface", "query_name"},
    "access-log": {"requestId", "accountId", "apiId", "stage", "resourcePath", "word 2", "word 10"},
    "appinsights": {"AppRoleName", "AppVersion", "FullName", "InvocationId", "Target"},
    "gcp-trace": {
        *("projectId", "cloud.account.id", "http.route", "g.co/r/cloud_run_revision/location"),
        *("g.co/r/cloud_run_revision/service_name", "g.co/r/cloud_run_revision/revision_name"),
    },
}
"""Fields of names, which are shown: what in them has no form of its own cannot be told from a name."""


class Said(NamedTuple):
    """What was planted, by number, and where each number turned up."""

    planted: dict[int, Planted]
    found: dict[int, set[str]]


def put(folder: Path) -> dict[int, Planted]:
    """Files of all formats, a secret a document; what was planted in each."""
    known: dict[int, Planted] = {}
    for name in FORMATS:
        lines, messages = [], []
        for number, one in planted(name, 1 + max(known, default=-1)):
            known[number] = one
            if one.payload:
                (messages if one.where.startswith("wire") else lines).append(one.payload)
        place = folder / name
        place.mkdir(parents=True)
        (place / "lines.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        if messages:
            (place / "messages.pb").write_bytes(
                b"".join(len(one).to_bytes(4, "big") + one for one in messages)
            )
    return known


def said_by(*arguments: str | Path) -> bytes:
    """What a command prints."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as stop:
            status = stop.code
    assert status == 0, err.buffer.getvalue().decode()[-2000:]  # type: ignore[attr-defined]
    return out.buffer.getvalue() + err.buffer.getvalue()  # type: ignore[attr-defined]


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below a folder, and what is in those that hold others; text of any width as narrow text."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        name = str(path.relative_to(folder))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content = b"\n".join(archive.read(one) for one in archive.namelist())
        elif content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        elif content.startswith(b"\x28\xb5\x2f\xfd"):
            content = zstd.decompress(content)
        yield name, content.replace(b"\0", b"")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    home = tmp_path_factory.mktemp("planted")
    given, out = home / "in", home / "out"
    known = put(given)
    out.mkdir()
    (given / "history.jsonl").write_bytes(b"\n".join(native_lines(make_history(160))) + b"\n")
    told = {
        "said by flows": said_by("flows", given, "--output", out / "flows.jsonl"),
        "said by inspect": said_by("inspect", given) + said_by("inspect", given, "--json"),
        "said by train": said_by("train", "--input", given, "--bundle", out / "bundle", "--json"),
        "said by score": said_by(
            *("score", "--bundle", out / "bundle", "--input", given, "--output", out / "verdicts.jsonl"),
            *("--alerts", out / "alerts.jsonl", "--ocsf", out / "ocsf.jsonl"),
            *("--report", out / "report.html", "--state", out / "state", "--json"),
        ),
        "said by bundle show": said_by("bundle", "show", "--bundle", out / "bundle"),
    }
    found: dict[int, set[str]] = {}
    for name, content in (*told.items(), *contents(out)):
        for number in marks_in(content) & known.keys():
            found.setdefault(number, set()).add(name)
    return Said(known, found)


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_of_a_field_that_is_no_name_gets_out(said: Said, name: str) -> None:
    shown = NAMES.get(name, set()) | IDS.get(name, set())
    assert _leaks(said, name, lambda one: one.kind == OPAQUE and field_of(one.where) not in shown) == {}


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_with_a_form_of_its_own_gets_out_of_any_field(said: Said, name: str) -> None:
    ids = IDS.get(name, set())
    assert _leaks(said, name, lambda one: one.kind != OPAQUE and field_of(one.where) not in ids) == {}


def _leaks(said: Said, name: str, of: Callable[[Planted], bool]) -> dict[str, list[str]]:
    """In which fields secrets stood that were found, and where they were."""
    leaks = [(said.planted[number], places) for number, places in said.found.items()]
    return {f"{one.where} ({one.kind})": sorted(at) for one, at in leaks if one.format == name and of(one)}


def test_no_attribute_that_tells_of_people_or_of_what_is_sent_is_on_the_allow_list() -> None:
    words = (
        "user",
        "header",
        "body",
        "cookie",
        "client",
        "query",
        "parameter",
        "exception",
        "prompt",
        "s3.key",
    )
    assert {name for name in OTEL if any(word in name for word in words)} == set()


def test_what_is_planted_is_read(said: Said) -> None:
    """Names do get out, by each output: where nothing did, nothing would have been looked at."""
    shown = {name for number, places in said.found.items() for name in places}
    assert {"flows.jsonl", "verdicts.jsonl", "state/state", "said by inspect"} <= shown
    assert {said.planted[number].format for number in said.found} >= FORMATS.keys() - {
        "vpc-flow",
        "resolver-log",
    }


TRACE = "5f84c7a10123456789abcdef01234567"
STARTED = 1_602_537_377.0
ADDRESS = "https://u:{}/word@h2.example/x"


def _span(number: int, name: str, kind: str, **attributes: str) -> dict[str, object]:
    at = round((STARTED + number / 100) * 1e9)
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{1:016x}" if number > 1 else "",
        "name": name,
        "kind": kind,
        "startTimeUnixNano": at,
        "endTimeUnixNano": at + 5_000_000,
        "attributes": attributes,
        "resource": {"attributes": {"cloud.provider": "aws", "faas.name": "Pay", "service.name": "Pay"}},
    }


def _spans(secret: str) -> list[dict[str, object]]:
    """A run that calls a database by a statement, and a host with a password."""
    called = {"http.request.method": "GET", "url.full": ADDRESS.format(secret)}
    database = {"db.system": "mysql", "db.name": "orders"}
    return [
        _span(1, "Pay", "SERVER", **{"faas.invocation_id": "6a1b4b52-0000-4000-8000-000000000001"}),
        _span(2, "q", "CLIENT", **database, **{"db.operation": f"SELECT '{secret}'"}),
        _span(3, "GET", "CLIENT", **called),
    ]


def _otlp(secret: str) -> str:
    spans = _spans(secret)
    for span in spans:
        told = span["attributes"]
        assert isinstance(told, dict)
        span["attributes"] = [{"key": key, "value": {"stringValue": one}} for key, one in told.items()]
        span["kind"] = {"SERVER": 2, "CLIENT": 3}[str(span["kind"])]
        span.pop("resource")
    names = [{"key": key, "value": {"stringValue": "Pay"}} for key in ("faas.name", "service.name")]
    resource = {"attributes": [*names, {"key": "cloud.provider", "value": {"stringValue": "aws"}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]})


def _xray(secret: str) -> str:
    request = {"method": "GET", "url": ADDRESS.format(secret)}
    times = {"start_time": STARTED + 0.1, "end_time": STARTED + 0.2, "namespace": "remote"}
    called = [
        {"id": f"{2:016x}", "name": "h2.example", **times, "http": {"request": request}},
        {"id": f"{3:016x}", "name": ADDRESS.format(secret), **times},
        {"id": f"{4:016x}", "name": "orders", **times, "sql": {"sanitized_query": f"SELECT '{secret}'"}},
    ]
    run = {"id": f"{1:016x}", "trace_id": f"1-{TRACE[:8]}-{TRACE[8:]}", "name": "Pay", "subsegments": called}
    run |= {"origin": "AWS::Lambda::Function", "start_time": STARTED, "end_time": STARTED + 1}
    run |= {"aws": {"function_arn": "arn:aws:lambda:eu-west-1:111122223333:function:Pay"}}
    return json.dumps(run)


def _log(secret: str) -> str:
    line = "REPORT RequestId: 6a1b4b52-0000-4000-8000-000000000001\tDuration: 3 ms\tBilled Duration: 4 ms\t"
    line += f"Memory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: {secret} {secret}"
    event = {"timestamp": STARTED * 1_000, "message": line}
    stream = {"logStream": f"2020/10/12/[$LATEST]{secret}", "logGroup": "/aws/lambda/Pay"}
    return json.dumps({"messageType": "DATA_MESSAGE", "owner": "1", **stream, "logEvents": [event]})


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\n".join(json.dumps(one) for one in _spans("pa55.hunter2")), b"h2.example"),
        (_otlp("pa55.hunter2"), b"h2.example"),
        (_xray("pa55.hunter2"), b"h2.example"),
        (_log("4111111111111111"), b"lambda-report"),
    ],
    ids=["aws-spans", "otlp", "xray", "lambda-report"],
)
def test_what_surrounds_names_in_their_fields_gets_out_of_no_format(
    tmp_path: Path, written: str, shown: bytes
) -> None:
    """Statements in place of operations, users and passwords with a slash, cards in place of instances."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(written)
    said = said_by("flows", tmp_path / "in", "--output", tmp_path / "flows.jsonl")
    said += said_by("inspect", tmp_path / "in", "--json") + (tmp_path / "flows.jsonl").read_bytes()
    assert shown in said
    assert [secret for secret in (b"pa55", b"hunter2", b"word@", b"4111111111111111") if secret in said] == []
