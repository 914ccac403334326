from __future__ import annotations

import json

import msgspec
import pytest

from coldtrail.notifiers.eventbridge import EventBridgeNotifier, EventBridgeSettings
from coldtrail.notifiers.notifier import DeliveryError
from tests.notifiers.cloud import REGION, client, cloud
from tests.notifiers.messages import a_message


def test_a_rule_gets_the_event() -> None:
    events, sqs = client("events"), client("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="alerts", EventPattern=json.dumps({"source": ["coldtrail"]}), State="ENABLED")
    events.put_targets(Rule="alerts", Targets=[{"Id": "queue", "Arn": arn}])
    with cloud("hush") as place:
        settings = EventBridgeSettings(endpoint_url=f"http://127.0.0.1:{place.port}", region=REGION)
        EventBridgeNotifier(settings, {}).send(a_message())
    (got,) = sqs.receive_message(QueueUrl=url).get("Messages", [])
    event = json.loads(got["Body"])
    assert (event["source"], event["detail-type"]) == ("coldtrail", "Coldtrail Alert")
    assert event["detail"]["dedup_key"] == a_message().dedup_key


@pytest.mark.parametrize(
    ("code", "retryable"), [("ThrottlingException", True), ("NotAuthorizedForSource", False)]
)
def test_an_entry_that_failed_is_a_failure(code: str, retryable: bool) -> None:
    with cloud("hush") as place:
        answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": code, "ErrorMessage": "no"}]}
        place.taken = lambda: (200, json.dumps(answer).encode())
        settings = EventBridgeSettings(endpoint_url=f"http://127.0.0.1:{place.port}", region=REGION)
        with pytest.raises(DeliveryError, match=code) as caught:
            EventBridgeNotifier(settings, {}).send(a_message())
    assert caught.value.retryable is retryable


def test_it_needs_to_put_events_on_its_bus() -> None:
    for bus in ("default", f"arn:aws:events:{REGION}:123456789012:event-bus/security"):
        settings = msgspec.convert({"event_bus": bus, "region": REGION}, EventBridgeSettings)
        (need,) = EventBridgeNotifier(settings, {}).needs()
        assert need.resources[0].endswith(f"event-bus/{bus.rpartition('/')[2]}")
