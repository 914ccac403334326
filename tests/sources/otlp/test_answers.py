"""Answers are what the specification of OTLP asks for, by the decoders of others."""

from __future__ import annotations

import msgspec
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from coldtrail.sources.otlp import answers
from coldtrail.sources.otlp.answers import (
    JSON,
    PROTOBUF,
    Refusal,
    accepted,
    retry_details,
    status_body,
    too_large,
)

REFUSALS = [one for one in vars(answers).values() if isinstance(one, Refusal)] + [too_large(2**24)]


def test_success_is_an_empty_response() -> None:
    assert ExportTraceServiceResponse.FromString(accepted(PROTOBUF)) == ExportTraceServiceResponse()
    assert accepted(JSON) == b"{}"


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: one.kind)
def test_every_refusal_is_one_sentence_in_both_encodings(refusal: Refusal) -> None:
    status = Status.FromString(status_body(refusal, PROTOBUF))
    assert (status.code, status.message) == (refusal.code, refusal.sentence)
    told = msgspec.json.decode(status_body(refusal, JSON))
    assert told == {"code": refusal.code, "message": refusal.sentence}
    assert refusal.sentence.endswith(".")
    assert refusal.is_put_off == (refusal.status in (429, 503))


@pytest.mark.parametrize("refusal", [one for one in REFUSALS if one.is_put_off], ids=lambda one: one.kind)
def test_a_sender_that_is_put_off_is_told_for_how_long(refusal: Refusal) -> None:
    (_, status), (_, info) = retry_details(refusal, 3)
    (detail,) = Status.FromString(status).details
    assert detail.Is(RetryInfo.DESCRIPTOR)
    assert RetryInfo.FromString(detail.value).retry_delay.seconds == 3
    assert RetryInfo.FromString(info).retry_delay.seconds == 3


def test_pauses_differ() -> None:
    assert {answers.pause_s() for _ in range(200)} == {1, 2, 3, 4, 5}
