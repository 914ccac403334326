import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.cloudtrail.parser import CloudTrailParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.sources.splitting import Splitter
from tests.fixtures.witnesses import CLOUDTRAIL

KEY = Pseudonyms(b"k" * 32)
REAL = Path(__file__).parents[4] / "shared" / "data"


def parse(value: Any) -> Observations:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return CloudTrailParser(Settings(), Pseudonyms(b"k" * 32))(Document(data, "test"))


def record(**changes: Any) -> dict[str, Any]:
    return CLOUDTRAIL | changes


WRAPPERS = {
    "file": lambda one: {"Records": [one]},
    "pretty file": lambda one: json.dumps({"Records": [one]}, indent=3).encode(),
    "LookupEvents": lambda one: {"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(one)}]},
    "EventBridge": lambda one: {"version": "0", "id": "y", "detail-type": "AWS API Call", "detail": one},
    "Lake": lambda one: {"eventJson": json.dumps(one)},
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_record_says_the_same_in_every_wrapper(wrapper: str) -> None:
    assert parse(WRAPPERS[wrapper](CLOUDTRAIL)).calls == parse(CLOUDTRAIL).calls


def test_each_record_of_a_file_is_a_call() -> None:
    records = [record(eventID=str(number)) for number in range(5)]
    assert [call.event_id for call in parse({"Records": records}).calls] == list("01234")


def test_copies_have_one_digest_and_what_differs_anywhere_has_another() -> None:
    (first,), (copy,) = parse(CLOUDTRAIL).calls, parse(json.dumps(CLOUDTRAIL, indent=1).encode()).calls
    (other,) = parse(record(requestParameters={"bucketName": "receipts", "key": "another"})).calls
    assert first.digest == copy.digest != other.digest
    assert (other.event_id, other.account) == (first.event_id, first.account)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"eventID": None}, "no usable eventID"),
        ({"eventID": "\u001b[2J"}, "no usable eventID"),
        ({"eventTime": "yesterday"}, "eventTime is unusable"),
        ({"eventSource": None}, "what was called"),
    ],
)
def test_a_bad_record_costs_no_good_one(broken: dict[str, Any], why: str) -> None:
    parsed = parse({"Records": [record(**broken), CLOUDTRAIL, 7]})
    assert [call.event_id for call in parsed.calls] == [CLOUDTRAIL["eventID"]]
    assert len(parsed.problems) == 2
    assert why in parsed.problems[0]
    with pytest.raises(DocumentError, match=why):
        parse(record(**broken))


def test_a_bad_field_costs_itself_alone() -> None:
    parsed = parse(record(vpcEndpointId=5, resources=[{"ARN": 7}, 8, {"accountId": "210987654321"}]))
    (call,) = parsed.calls
    assert call.vpc_endpoint is None
    assert call.target_account == "210987654321"
    assert len(parsed.problems) == 3


def test_insight_events_are_no_calls_and_no_loss() -> None:
    insight = {"eventID": "i", "eventType": "AwsCloudTrailInsight", "eventTime": "2026-11-30T12:00:00Z"}
    parsed = parse(insight)
    assert (parsed.calls, parsed.problems) == ((), [])


def test_digest_files_are_read_past() -> None:
    digest = {"awsAccountId": "1", "digestEndTime": "2026-11-30T12:00:00Z", "logFiles": [{"hashValue": "x"}]}
    assert CloudTrailParser.matches(json.dumps(digest).encode())
    parsed = parse(digest)
    assert (parsed.calls, parsed.problems) == ((), [])


def test_wrappers_within_wrappers_end() -> None:
    nested: Any = CLOUDTRAIL
    for _ in range(6):
        nested = {"detail": nested}
    with pytest.raises(DocumentError, match="wrapped too often"):
        parse(nested)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"Records":[{"kinesis":{"data":""},"eventSource":"aws:kinesis","eventID":"a","eventName":"b"}]}',
        b'{"Records":[{"eventSource":"aws:s3","eventTime":"2026-11-30T12:00:00Z","eventName":"c","s3":{}}]}',
        b'{"Id":"1-5f","Segments":[]}',
        b"eventSource eventTime eventID",
    ],
)
def test_what_only_looks_like_cloudtrail_is_left_to_others(payload: bytes) -> None:
    assert not CloudTrailParser.matches(payload)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason=f"the recorded real telemetry is not at {REAL}")
@pytest.mark.parametrize(
    ("folder", "calls", "changes"), [("cloudtrail-lambda", 120, 22), ("cloudtrail-stratus", 63, 10)]
)
def test_each_real_record_is_counted(folder: str, calls: int, changes: int) -> None:
    parsed = []
    for path in sorted((REAL / folder).glob("*.json*")):
        splitter = Splitter(1 << 26, lambda *lost: pytest.fail(str(lost)), lambda: False)
        for _, payload in splitter.split(iter((path.read_bytes(),))):
            assert CloudTrailParser.matches(payload)
            parsed.append(parse(payload))
    assert sum(len(one.calls) for one in parsed) == calls
    assert sum(len(one.changes) for one in parsed) == changes
    assert [problem for one in parsed for problem in one.problems] == []
    copies = [(call.event_id, call.account, call.digest) for one in parsed for call in one.calls]
    assert len(set(copies)) == calls
