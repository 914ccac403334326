from coldtrail_testbed.cloud.event_bodies import ObjectChange, Request, iso_time, object_event, sequencer

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
