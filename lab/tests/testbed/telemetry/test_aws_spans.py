"""The log group `aws/spans`."""

from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.aws_spans import FILE, AwsSpans

from .conftest import lines, write


@pytest.fixture
def records(tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The records of the small truth by span id."""
    writer = write(AwsSpans, tmp_path, facts, traces)
    found = lines(tmp_path / FILE)
    assert writer.counts == {FILE: len(found)}
    return {record["spanId"]: record for record in found}


def test_the_function_span(records: dict[str, dict[str, Any]]) -> None:
    record = records["00000000000000f1"]
    assert record["kind"] == "SERVER"
    assert record["status"] == {"code": "UNSET"}
    assert record["durationNano"] == record["endTimeUnixNano"] - record["startTimeUnixNano"]
    assert record["attributes"]["aws.local.operation"] == "GetLoyalty/FunctionHandler"
    assert record["attributes"]["aws.span.kind"] == "LOCAL_ROOT"
    assert record["resource"]["attributes"]["aws.local.service"] == "GetLoyalty"


def test_calls_name_what_they_call(records: dict[str, dict[str, Any]]) -> None:
    query = records["00000000000000c1"]["attributes"]
    assert (query["aws.remote.service"], query["aws.remote.operation"]) == ("AWS::DynamoDB", "Query")
    assert query["aws.remote.resource.type"] == "AWS::DynamoDB::Table"
    assert query["aws.remote.resource.identifier"] == "LoyaltyData"
    invoke = records["00000000000000e2"]["attributes"]
    assert invoke["aws.remote.resource.identifier"] == "GetLoyalty"


def test_a_failure(records: dict[str, dict[str, Any]]) -> None:
    record = records["00000000000000f2"]
    assert record["status"] == {"code": "ERROR", "message": "no such booking"}
    assert record["events"][0]["attributes"]["exception.type"] == "ValueError"


def test_a_record_has_the_keys_of_published_examples(records: dict[str, dict[str, Any]]) -> None:
    keys = {
        "resource",
        "scope",
        "traceId",
        "spanId",
        "parentSpanId",
        "flags",
        "name",
        "kind",
        "events",
        "status",
    }
    keys |= {"startTimeUnixNano", "endTimeUnixNano", "durationNano", "attributes"}
    assert all(record.keys() <= keys for record in records.values())
