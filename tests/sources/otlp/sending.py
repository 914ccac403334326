"""Senders of OTLP: OpenTelemetry's own exporters, and plain connections that do what exporters never do."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection
from typing import Any, NamedTuple

import msgspec
from google.rpc.status_pb2 import Status
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind

from coldtrail.assembly.from_documents import flows_from
from coldtrail.config import Settings
from coldtrail.formats.detect import parser_for
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.listening import Address
from tests.fixtures.otel import as_json, as_wire, some_spans

WIRE = as_wire(some_spans({}))
JSON = msgspec.json.encode(as_json(some_spans({})))
PROTOBUF_TYPE, JSON_TYPE = "application/x-protobuf", "application/json"


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def sentence(self) -> str:
        """What its `google.rpc.Status` says."""
        if self.headers["content-type"] == PROTOBUF_TYPE:
            return Status.FromString(self.body).message
        return msgspec.json.decode(self.body)["message"]


def post(
    address: Address,
    body: bytes = WIRE,
    content_type: str | None = PROTOBUF_TYPE,
    *,
    path: str = "/v1/traces",
    method: str = "POST",
    **headers: str,
) -> Answer:
    connection = HTTPConnection(*address, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type is not None:
        named["content-type"] = content_type
    try:
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def raw(address: Address, *pieces: bytes) -> socket.socket:
    """A connection over which these bytes were sent."""
    connection = socket.create_connection(address, timeout=30)
    for piece in pieces:
        connection.sendall(piece)
    return connection


def head(length: int | None = None, *more: str) -> bytes:
    lines = ["POST /v1/traces HTTP/1.1", "host: tests", f"content-type: {PROTOBUF_TYPE}", *more]
    if length is not None:
        lines.append(f"content-length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def gzipped(size: int) -> bytes:
    """So many zeros, compressed."""
    packer = zlib.compressobj(9, wbits=31)
    piece = bytes(2**20)
    parts = [packer.compress(piece) for _ in range(size // len(piece))]
    return b"".join([*parts, packer.compress(bytes(size % len(piece))), packer.flush()])


def export_a_run(exporter: SpanExporter, name: str = "Orders") -> None:
    """Has OpenTelemetry's SDK trace an invocation with a call, and export each span as it ends."""
    resource = Resource.create({"service.name": name, "faas.name": name, "cloud.platform": "aws_lambda"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    run = {"faas.invocation_id": "R1", "faas.coldstart": True}
    call = {"rpc.system": "aws-api", "rpc.service": "DynamoDB", "rpc.method": "GetItem"}
    with (
        tracer.start_as_current_span(name, kind=SpanKind.SERVER, attributes=run),
        tracer.start_as_current_span("DynamoDB.GetItem", kind=SpanKind.CLIENT, attributes=call) as span,
    ):
        span.set_attribute("aws.dynamodb.table_names", ["Stock"])
    provider.shutdown()


def flows_of(payloads: Iterable[bytes]) -> list[Flow]:
    """The flows of what lies in the spool, read by whatever format knows it."""
    settings, tally = Settings(), Tally()
    parser: Any = parser_for("auto", settings, tally.counts)
    documents = [Document(payload, "push") for payload in payloads]
    found = list(flows_from(documents, parser, settings, tally))
    assert tally.sentences() == []
    return found
