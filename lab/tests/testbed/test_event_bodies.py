from coldtrail_testbed.cloud.event_bodies import (
    BusEvent,
    ObjectChange,
    Request,
    TopicMessage,
    bus_event,
    iso_time,
    object_event,
    sequencer,
    topic_event,
)

_CHANGE = ObjectChange("ObjectCreated:Put", "Watch-0", "films", "in/a film+1.mp4", 6, "e" * 32)
_REQUEST = Request("AWS:AIDA", "203.0.113.10", "0A1B2C3D4E5F6G7H", "aWQ=")


def test_object_events_have_every_documented_field() -> None:
    [record] = object_event(_CHANGE, _REQUEST, 1_770_000_000.25)["Records"]
    assert record["eventTime"] == "2026-02-02T02:40:00.250Z"
    assert record["responseElements"] == {"x-amz-request-id": "0A1B2C3D4E5F6G7H", "x-amz-id-2": "aWQ="}
    assert record["s3"]["bucket"]["arn"] == "arn:aws:s3:::films"
    assert record["s3"]["object"].keys() == {"key", "size", "eTag", "sequencer"}
    assert record.keys() == {
        "eventVersion",
        "eventSource",
        "awsRegion",
        "eventTime",
        "eventName",
        "userIdentity",
        "requestParameters",
        "responseElements",
        "s3",
    }


def test_keys_are_url_encoded() -> None:
    [record] = object_event(_CHANGE, _REQUEST, 0)["Records"]
    assert record["s3"]["object"]["key"] == "in/a+film%2B1.mp4"


def test_sequencers_grow_with_time() -> None:
    times = [1_770_000_000.0, 1_770_000_000.001, 1_770_000_001.0]
    values = [sequencer(time) for time in times]
    assert values == sorted(set(values))
    assert {len(value) for value in values} == {18}


def test_times_are_cut_to_milliseconds() -> None:
    assert iso_time(0.9999) == "1970-01-01T00:00:00.999Z"


def test_topic_events_have_every_documented_field() -> None:
    message = TopicMessage("arn:t", "arn:t:s", "id", "text", None, {"k": {"Type": "String", "Value": "v"}})
    [record] = topic_event(message, 1_770_000_000.25)["Records"]
    assert record.keys() == {"EventVersion", "EventSubscriptionArn", "EventSource", "Sns"}
    assert record["Sns"]["Timestamp"] == "2026-02-02T02:40:00.250Z"
    assert record["Sns"].keys() == {
        "SignatureVersion",
        "Timestamp",
        "Signature",
        "SigningCertUrl",
        "MessageId",
        "Message",
        "MessageAttributes",
        "Type",
        "UnsubscribeUrl",
        "TopicArn",
        "Subject",
    }


def test_bus_events_have_every_documented_field() -> None:
    event = bus_event(BusEvent("id", "shop", "Sold", ["arn:r"], {"price": 7}), 1_770_000_000.9)
    assert event == {
        "version": "0",
        "id": "id",
        "detail-type": "Sold",
        "source": "shop",
        "account": "123456789012",
        "time": "2026-02-02T02:40:00Z",
        "region": "us-east-1",
        "resources": ["arn:r"],
        "detail": {"price": 7},
    }
