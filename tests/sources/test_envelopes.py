import base64
import gzip
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.records.telemetry import LogPlace
from coldtrail.sources.envelopes import Envelopes, Opened

LIMIT = 1 << 20
EVENTS = [
    {"id": "1", "timestamp": 1_796_040_000_500, "message": "START RequestId: a Version: 1\n"},
    {"id": "2", "timestamp": 1_796_040_000_600, "message": "hello"},
    {"id": "3", "timestamp": 1_796_040_001_000, "message": "REPORT RequestId: a"},
]
SUBSCRIPTION = {
    "messageType": "DATA_MESSAGE",
    "owner": "123456789012",
    "logGroup": "/aws/lambda/pay",
    "logStream": "2026/11/30/[7]0af1",
    "subscriptionFilters": ["f"],
    "logEvents": EVENTS,
}
RECORD = {"eventID": "e", "eventTime": "2026-11-30T12:00:00Z", "eventSource": "s3.amazonaws.com"}


def packed(value: Any) -> str:
    return base64.b64encode(gzip.compress(json.dumps(value).encode())).decode()


def opened(value: Any, limit: int = LIMIT) -> tuple[list[Opened], list[str]]:
    lost: list[str] = []
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    envelopes = Envelopes(limit, lambda kind, place, reason: lost.append(reason))
    return list(envelopes.opened(iter([("line 1", data)]))), lost


SENT = {
    "as it is": SUBSCRIPTION,
    "to a function": {"awslogs": {"data": packed(SUBSCRIPTION)}},
    "by Kinesis": {"Records": [{"kinesis": {"data": packed(SUBSCRIPTION)}, "eventID": "shard-1"}]},
    "by Firehose": {"requestId": "r", "timestamp": 1, "records": [{"data": packed(SUBSCRIPTION)}]},
}


@pytest.mark.parametrize("way", SENT)
def test_log_events_however_they_are_sent(way: str) -> None:
    documents, lost = opened(SENT[way])
    assert lost == []
    assert [payload for _, payload, _ in documents] == [
        b"START RequestId: a Version: 1\nhello",
        b"REPORT RequestId: a",
    ]
    stood = LogPlace("/aws/lambda/pay", "2026/11/30/[7]0af1", "123456789012", 1_796_040_001.0)
    assert documents[1][2] == stood
    assert documents[0][0].startswith("line 1, ")
    assert documents[0][0].endswith("event 1")


def test_answers_about_log_events() -> None:
    events = [{"logStreamName": "s", **one} for one in EVENTS]
    for answer in ({"events": events, "searchedLogStreams": []}, {"nextToken": "t", "events": events}):
        documents, _ = opened(answer)
        assert [log.stream for _, _, log in documents if log is not None] == ["s", "s"]
    single = {"logStreamName": "s", "timestamp": 5_000, "message": "REPORT RequestId: a", "ingestionTime": 6}
    assert opened(single)[0][0][1:] == (b"REPORT RequestId: a", LogPlace(stream="s", time=5.0, arrived=0.006))


def test_rows_of_a_query() -> None:
    row = [
        {"field": "@message", "value": "REPORT RequestId: a"},
        {"field": "@log", "value": "123456789012:/aws/lambda/pay"},
        {"field": "@logStream", "value": "s"},
    ]
    documents, lost = opened({"results": [row, [{"field": "@ptr", "value": "x"}]], "status": "Complete"})
    assert documents[0][1:] == (b"REPORT RequestId: a", LogPlace("/aws/lambda/pay", "s", "123456789012"))
    assert len(lost) == 1


@pytest.mark.parametrize(
    ("told", "time"),
    [
        ("1970-01-01 00:00:05.000", 5.0),
        ("1970-01-01 00:00:05", 5.0),
        ("soon", None),
        ("", None),
        ("9999-12-31 23:59:59", None),
        ("0001-01-01 00:00:00+23:59", None),
    ],
)
def test_a_row_tells_its_time(told: str, time: float | None) -> None:
    row = [{"field": "@message", "value": "REPORT RequestId: a"}, {"field": "@timestamp", "value": told}]
    assert opened({"results": [row]})[0][0][2] == LogPlace(time=time)


def test_records_of_a_file_and_events_of_an_answer() -> None:
    assert [json.loads(one) for _, one, _ in opened({"Records": [RECORD, RECORD]})[0]] == [RECORD, RECORD]
    events = [{"EventId": "e", "CloudTrailEvent": json.dumps(RECORD)}]
    for answer in ({"NextToken": "n", "Events": events}, events[0]):
        assert [json.loads(one) for _, one, _ in opened(answer)[0]] == [RECORD]
    assert len(opened({"records": [{"time": "t", "resourceId": "/x"}] * 3})[0]) == 3


@pytest.mark.parametrize(
    "document",
    [
        {"Records": [7]},
        {"Id": "1-5f", "Segments": []},
        {"events": "x"},
        {"message": "hello"},
        {"timestamp": "2026", "message": "x", "level": "INFO"},
        {"data": 5},
        {"results": [1]},
    ],
)
def test_what_is_no_envelope_stays_as_it_is(document: Any) -> None:
    documents, lost = opened(document)
    assert [json.loads(payload) for _, payload, _ in documents] == [document]
    assert lost == []


def test_messages_of_control_hold_nothing() -> None:
    assert opened(SUBSCRIPTION | {"messageType": "CONTROL_MESSAGE"}) == ([], [])


def test_a_bomb_is_not_expanded() -> None:
    bomb = base64.b64encode(gzip.compress(b"0" * 50_000_000)).decode()
    tracemalloc.start()
    documents, lost = opened({"awslogs": {"data": bomb}})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert documents == []
    assert "expands to more" in lost[0]
    assert peak < 5 * LIMIT


def test_bombs_in_bombs_add_up_to_no_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is within repeats itself and so is small: some kilobytes would be 400 MiB."""
    monkeypatch.setattr("coldtrail.sources.envelopes._FREE_BYTES", 2**22)
    value: Any = {"awslogs": {"data": base64.b64encode(gzip.compress(b"0" * 2**20)).decode()}}
    records = {"Records": [value | {"kinesis": {"data": "", "eventTime": 0}}] * 400}
    value = {"awslogs": {"data": packed(records)}}
    lost: list[str] = []
    envelopes = Envelopes(2**21, lambda kind, place, reason: lost.append(reason))
    line = json.dumps(value).encode()
    documents = list(envelopes.opened(iter([("", line)])))
    assert sum(len(payload) for _, payload, _ in documents) <= max(2**22, 200 * len(line))
    assert "expands to more" in lost[-1]
    honest = json.dumps({"awslogs": {"data": packed(SUBSCRIPTION)}}).encode()
    after = list(envelopes.opened(iter([("", b'{"data":"' + b"x" * 2**16 + b'"}'), ("", honest)])))
    assert [payload[:5] for _, payload, _ in after] == [b"START", b"REPOR"]


def test_gzip_in_gzip_is_expanded_once() -> None:
    twice = base64.b64encode(gzip.compress(gzip.compress(b"0" * 5_000))).decode()
    documents, lost = opened({"awslogs": {"data": twice}})
    assert documents == []
    assert lost != []


CUT_OFF = base64.b64encode(gzip.compress(b"x" * 99, mtime=0)[:-9]).decode()


@pytest.mark.parametrize("data", ["!", "aGVsbG8", CUT_OFF], ids=["no base64", "no gzip", "cut off"])
def test_a_damaged_envelope_is_told(data: str) -> None:
    documents, lost = opened({"awslogs": {"data": data}})
    assert documents == []
    assert "damaged" in lost[0]


def test_envelopes_in_envelopes_end() -> None:
    value: Any = SUBSCRIPTION
    for _ in range(9):
        value = {"awslogs": {"data": packed(value)}}
    documents, _ = opened(value)
    assert len(documents) == 1


ANY: Any = st.recursive(
    st.none() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["awslogs", "data", "logEvents", "message", "events", "Records", "records", "results"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(ANY)
def test_any_value(value: Any) -> None:
    documents, _ = opened(value)
    assert all(isinstance(payload, bytes) for _, payload, _ in documents)


@given(st.binary(max_size=99))
def test_any_bytes_in_an_envelope(data: bytes) -> None:
    def one() -> Iterator[tuple[str, bytes]]:
        yield "x", json.dumps({"awslogs": {"data": base64.b64encode(data).decode()}}).encode()

    list(Envelopes(LIMIT, lambda *lost: None).opened(one()))


def emptied(value: Any) -> tuple[int, list[str]]:
    """How many answers of nothing there were, and what was lost; no document is given."""
    lost: list[str] = []
    envelopes = Envelopes(LIMIT, lambda kind, place, reason: lost.append(kind))
    assert list(envelopes.opened(iter([("", json.dumps(value).encode())]))) == []
    return envelopes.empty, lost


@pytest.mark.parametrize(
    "answer",
    [
        {"Events": []},
        {"Records": []},
        {"records": []},
        {"events": [], "searchedLogStreams": []},
        {"results": [], "status": "Complete"},
        {**SUBSCRIPTION, "messageType": "CONTROL_MESSAGE"},
        {"awslogs": {"data": packed({"Records": []})}},
        {"awslogs": {"data": packed([])}},
    ],
)
def test_an_answer_of_nothing_is_counted_as_one(answer: Any) -> None:
    assert emptied(answer) == (1, [])


def test_an_answer_of_nothing_that_is_not_all_is_a_loss() -> None:
    assert emptied({"events": [], "nextToken": "t"}) == (0, ["more pages"])
    assert emptied({"Events": [], "NextToken": "t"}) == (0, ["more pages"])
    assert emptied({"results": [], "status": "Running"}) == (0, ["unfinished query"])


ROW = [{"field": "@message", "value": "START RequestId: a"}]


@pytest.mark.parametrize(
    ("envelope", "given", "lost"),
    [
        ({"events": [{"timestamp": 1}, EVENTS[2]]}, 1, 1),
        ({"events": [7, EVENTS[2], {"timestamp": 1}]}, 1, 2),
        ({"results": [[], ROW], "status": "Complete"}, 1, 1),
        ({"Records": [{"eventID": "x"}, RECORD, RECORD]}, 3, 0),
        ({"Events": [{"EventId": "x"}, {"CloudTrailEvent": json.dumps(RECORD)}]}, 2, 0),
        ({"records": [{}, {"time": "2026-11-30T12:00:00Z"}]}, 2, 0),
    ],
)
def test_an_odd_part_that_stands_first_hides_no_other(envelope: Any, given: int, lost: int) -> None:
    documents, losses = opened(envelope)
    assert (len(documents), len(losses)) == (given, lost)
    assert json.dumps(envelope).encode() not in {payload for _, payload, _ in documents}
