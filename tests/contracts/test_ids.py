"""Every format takes ids as they are or not at all, so that what is told of one invocation stays together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coldtrail.assembly.from_documents import flows_from
from coldtrail.config import Settings
from coldtrail.formats.ids import is_id
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations
from tests.contracts.planting import OPAQUE, secrets
from tests.contracts.test_formats import NATIVE, made
from tests.fixtures.otel import OtelSpan, as_json, as_records, as_wire
from tests.fixtures.witnesses import (
    ACCESS,
    ACCOUNT,
    CLOUDTRAIL,
    DOCUMENTS,
    FUNCTION,
    LAMBDA_REPORT,
    REGION,
    REQUEST_ID,
)

LIKE_A_CARD = "0e92b985-4539-4207-9886-5662c65e5ef4"
START = 1_796_040_000
NAME = "ConfirmBooking"
TRACE_ID, ENTRY = "656f1c800123456789abcdef01234567", "a0f067aa0ba902b7"
IDS = (
    st.uuids().map(str)
    | st.integers(0, 10**32 - 1).map(lambda number: str(UUID(f"{number:032d}")))  # digits alone, as in cards
    | st.integers(10**15, 10**16 - 1).map(lambda number: str(UUID(f"0e92b985{number}c65e5ef4")))
    | st.text("0123456789abcdef", min_size=8, max_size=64)
    | st.text("0123456789ABCDEFGHJKLMNPQRTUVWXYZ", min_size=12, max_size=52)
)
LAMBDA = {"aws": {"function_arn": FUNCTION, "account_id": ACCOUNT}, "origin": "AWS::Lambda::Function"}


def otel_spans(request_id: str) -> list[OtelSpan]:
    resource = {"faas.name": NAME, "cloud.platform": "aws_lambda", "cloud.account.id": ACCOUNT}
    entry = OtelSpan(
        TRACE_ID, ENTRY, None, NAME, "SERVER", START * 10**9, (START + 1) * 10**9,
        {"faas.invocation_id": request_id}, resource | {"cloud.region": REGION},
    )  # fmt: skip
    return [entry]


def xray(request_id: str) -> bytes:
    times = {"start_time": START, "end_time": START + 1, "name": NAME}
    trace_id = f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"
    service = times | {"id": "b" * 16, "origin": "AWS::Lambda", "resource_arn": FUNCTION}
    segments = [
        service | {"trace_id": trace_id, "aws": {"request_id": request_id}},
        times | LAMBDA | {"trace_id": trace_id, "id": ENTRY, "parent_id": "b" * 16},
    ]
    held = [{"Id": one["id"], "Document": json.dumps(one)} for one in segments]
    return json.dumps({"Id": trace_id, "Segments": held}).encode()


def native(request_id: str) -> bytes:
    place = {"function_name": NAME, "account": ACCOUNT, "region": REGION}
    times = {"start_time": START + 0.1, "end_time": START + 0.2}
    return json.dumps(NATIVE | place | times | {"request_id": request_id}).encode()


def with_id(document: Any, request_id: str) -> bytes:
    return json.dumps(document).replace(REQUEST_ID, request_id).encode()


def invoked(request_id: str) -> bytes:
    event = CLOUDTRAIL | {"eventName": "Invoke", "eventSource": "lambda.amazonaws.com"}
    event |= {"requestID": request_id, "eventID": request_id, "requestParameters": {"functionName": FUNCTION}}
    return json.dumps(event).encode()


def line(request_id: str) -> bytes:
    report = "Duration: 900.00 ms\tBilled Duration: 900 ms\tMemory Size: 128 MB\tMax Memory Used: 94 MB"
    return f"2026-11-30T12:00:01.000Z REPORT RequestId: {request_id}\t{report}".encode()


TRACES = {
    "xray": xray,
    "native": native,
    "otlp": lambda one: json.dumps(as_json(otel_spans(one))).encode(),
    "otlp in protobuf": lambda one: as_wire(otel_spans(one)),
    "aws-spans": lambda one: as_records(otel_spans(one)),
}
BESIDE = {
    "cloudtrail": invoked,
    "lambda-report": lambda one: with_id(LAMBDA_REPORT, one),
    "lambda-report in text": line,
    "lambda-insights": lambda one: with_id(DOCUMENTS["lambda-insights"], one),
    "access-log": lambda one: with_id(ACCESS, one),
}
ALL = {**TRACES, **BESIDE, "appinsights": lambda one: with_id(DOCUMENTS["appinsights"], one)}
AS_GIVEN = {"native", "cloudtrail", "lambda-report in text"}
"""Native lines are the user's own; a record or a line that nothing else identifies is refused."""


def read(document: Document) -> Observations:
    return made(document.origin)(document)


def documents(makers: Iterable[str], request_id: str) -> list[Document]:
    return [Document(ALL[name](request_id), name.partition(" ")[0]) for name in makers]


def flows(makers: Iterable[str], request_id: str) -> list[Flow]:
    some = documents(makers, request_id)
    return list(flows_from(some, read, Settings(), Tally(), expecting=lambda: True))


def ids_in(found: Observations) -> set[str | None]:
    told = {one.request_id for one in (*found.spans, *found.links, *found.calls, *found.reports)}
    return told | {one.function_request_id for one in found.accesses}


@pytest.mark.parametrize("name", ALL)
@given(request_id=IDS)
@example(request_id=LIKE_A_CARD)
@settings(deadline=None, max_examples=50)
def test_the_id_of_a_request_is_told_as_it_is(name: str, request_id: str) -> None:
    (document,) = documents([name], request_id)
    assert is_id(request_id)
    assert ids_in(read(document)) - {None} == {request_id}


@pytest.mark.parametrize("name", TRACES)
@given(request_id=IDS)
@example(request_id=LIKE_A_CARD)
@settings(deadline=None, max_examples=25)
def test_what_all_witnesses_tell_of_one_invocation_is_one_flow(name: str, request_id: str) -> None:
    (one,) = flows([name, *BESIDE], request_id)
    assert one.request_id == request_id
    assert one.witnesses == tuple(sorted({*(made.partition(" ")[0] for made in BESIDE), name.split(" ")[0]}))


@pytest.mark.parametrize("name", sorted({*ALL} - AS_GIVEN))
@pytest.mark.parametrize("kind", sorted(secrets(0).keys() - {OPAQUE}))
def test_a_secret_in_the_place_of_an_id_is_dropped(name: str, kind: str) -> None:
    (document,) = documents([name], secrets(7)[kind])
    assert ids_in(read(document)) == {None}
