"""The calls of real handlers through the whole cloud: facts, refusals, throttling and retries."""

from dataclasses import replace
from typing import Any

from coldtrail_testbed.applications.model import Application, Grant
from coldtrail_testbed.cloud.identifiers import bucket_arn, table_arn
from coldtrail_testbed.cloud.identities import instance_address
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.cloud.traces import subsegments

from .small_cloud import ask, segments_of, small_application, small_cloud
from .woken import SEEN

_WRITE_DOWN = Grant(("dynamodb:PutItem",), table_arn(SEEN))
_PUT = ("s3", "put_object", {"Bucket": "films", "Key": "a.mp4", "Body": "x" * 1000})
_THROTTLED = "ProvisionedThroughputExceededException"


def _application(*grants: Grant) -> Application:
    application = small_application(buckets=["films"])
    (front,) = application.functions
    return replace(application, functions=[replace(front, grants=[_WRITE_DOWN, *grants])])


def _calls_of_function(cloud: LocalCloud) -> list[dict[str, Any]]:
    (segment,) = segments_of(cloud, "AWS::Lambda::Function")
    return [part for part in subsegments(segment) if part.get("namespace") == "aws"]


def test_facts_agree_with_the_trace() -> None:
    with small_cloud(_application(Grant(("s3:*",), f"{bucket_arn('films')}/*"))) as cloud:
        ask(cloud, _PUT)
        traced, facts = _calls_of_function(cloud), cloud.take_facts()
    calls = [call for call in facts.calls if call.event_id]
    assert [call.operation for call in calls] == ["PutItem", "PutObject"]
    for call, part in zip(calls, traced, strict=True):
        assert (call.event_id, call.request_id) == (part["id"], part["aws"]["request_id"])
        assert part["start_time"] <= call.time <= part["end_time"]
        assert (call.caller.kind, call.caller.name) == ("function", "Front")
        assert call.caller.address == instance_address(call.caller.access_key)
        assert call.error_code is None
        assert call.caller.access_key.startswith("ASIA")
    assert calls[1].sent_bytes >= 1000
    (run,) = facts.runs
    assert run.sent_bytes > 1000
    (request,) = facts.requests
    assert (request.function, request.trace_id) == ("Front", run.trace_id)


def test_a_refused_call_fails_in_the_handler_and_changes_nothing() -> None:
    with small_cloud(_application(Grant(("s3:GetObject",), f"{bucket_arn('films')}/*"))) as cloud:
        assert ask(cloud, _PUT) == {"message": "Internal server error"}
        traced, facts = _calls_of_function(cloud), cloud.take_facts()
        assert cloud.client("s3").list_objects_v2(Bucket="films")["KeyCount"] == 0
    refused = facts.calls[-1]
    assert (refused.operation, refused.error_code) == ("PutObject", "AccessDenied")
    assert (traced[-1]["error"], traced[-1]["http"]["response"]["status"]) == (True, 403)
    assert traced[-1]["aws"]["request_id"] == refused.request_id
    assert facts.runs[0].status == "error"


def test_throttled_calls_are_tried_again_by_boto3_in_virtual_time() -> None:
    with small_cloud(_application()) as cloud:
        cloud.foundation.disturbances.throttle("dynamodb", 0.5, cloud.now() + 3600)
        for _ in range(8):
            ask(cloud)
        facts, segments = cloud.take_facts(), segments_of(cloud, "AWS::Lambda::Function")
    codes: dict[str | None, list[str | None]] = {}
    for call in facts.calls:
        codes.setdefault(call.event_id, []).append(call.error_code)
    tried_again = [event for event, attempts in codes.items() if len(attempts) > 1 and attempts[-1] is None]
    assert tried_again
    assert {code for attempts in codes.values() for code in attempts[:-1]} == {_THROTTLED}
    parts = {part["id"]: part for segment in segments for part in subsegments(segment)}
    for event, attempts in codes.items():
        part = parts[str(event)]
        assert part["http"]["response"]["status"] == (400 if attempts[-1] else 200)
        waited = part["end_time"] - part["start_time"]
        assert waited > 0.05 if len(attempts) > 1 else waited < 0.2
