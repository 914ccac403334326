"""Names, kinds and attributes of calls."""

from typing import Any

from coldtrail_testbed.telemetry.call_attributes import call_attributes, call_kind, call_name


def _call(name: str, operation: str, **aws: Any) -> dict[str, Any]:
    return {"name": name, "namespace": "aws", "aws": {"operation": operation, "region": "us-east-1", **aws}}


def test_messages_have_producers() -> None:
    topic = _call("sns", "Publish", topic_arn="arn:aws:sns:us-east-1:123456789012:Bookings")
    assert (call_name(topic), call_kind(topic)) == ("SNS.Publish", "PRODUCER")
    attributes = call_attributes(topic)
    assert attributes["messaging.system"] == "aws.sns"
    assert attributes["messaging.destination.name"] == "Bookings"
    queue = _call("sqs", "ReceiveMessage", queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/dead")
    assert call_kind(queue) == "CLIENT"
    assert "messaging.operation.type" not in call_attributes(queue)
    assert call_attributes(queue)["messaging.destination.name"] == "dead"


def test_buckets_and_functions() -> None:
    assert call_attributes(_call("s3", "PutObject", bucket_name="b", key="k"))["aws.s3.key"] == "k"
    invoked = call_attributes(_call("Lambda", "Invoke", function_name="arn:aws:lambda:r:1:function:F"))
    assert invoked["faas.invoked_name"] == "F"


def test_an_unknown_service_keeps_its_name() -> None:
    assert call_name(_call("KMS", "Decrypt")) == "KMS.Decrypt"


def test_requests_of_other_hosts() -> None:
    url = "https://pay.example/capture"
    call = {
        "name": "pay.example",
        "namespace": "remote",
        "http": {"request": {"method": "POST", "url": url}, "response": {"status": 402}},
    }
    assert (call_name(call), call_kind(call)) == ("POST", "CLIENT")
    assert call_attributes(call) == {
        "http.request.method": "POST",
        "url.full": url,
        "server.address": "pay.example",
        "http.response.status_code": 402,
    }
