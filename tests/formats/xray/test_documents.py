"""The allow-list of X-Ray fields: to widen it is a decision about privacy, so this test changes too."""

import pytest
from msgspec import Struct

from coldtrail.formats.xray.documents import (
    Aws,
    Call,
    Http,
    LinkAttributes,
    OtherTrace,
    Request,
    Response,
    Segment,
    Subsegment,
    Trace,
)

TIMES = {"start_time", "end_time"}
FLAGS = {"error", "fault", "throttle", "in_progress"}
CALL = {
    "operation", "function_name", "resource_names", "table_name", "table_names", "bucket_name", "topic_arn",
    "queue_url", "stream_name", "state_machine_arn", "secret_id", "event_bus_name", "key_id", "function_arn",
    "resource_arn", "invocation_type", "request_id",
}  # fmt: skip
PART = {"id", "name", "namespace", "aws", "http", "sql", "links", "subsegments"} | TIMES | FLAGS


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (Trace, {"Segments", "Id", "LimitExceeded"}),
        (Subsegment, PART),
        (Segment, PART | {"trace_id", "parent_id", "origin", "type", "inferred", "resource_arn"}),
        (Http, {"request", "response"}),
        (Request, {"method", "url"}),
        (OtherTrace, {"trace_id", "id", "attributes"}),
        (LinkAttributes, {"reference_type", "kind", "names"}),
        (Response, {"status"}),
        (Call, CALL),
        (Aws, CALL | {"account_id", "region", "function_version", "sampled"}),
    ],
)  # fmt: skip
def test_only_these_fields_may_enter(record: type[Struct], fields: set[str]) -> None:
    assert set(record.__struct_fields__) == fields
