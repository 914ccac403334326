import json
from typing import Any

import pytest

from coldtrail.errors import DocumentError
from coldtrail.formats.aws_spans.records import Record, records
from tests.fixtures.otel import as_record, some_spans

RECORDS = [as_record(span) for span in some_spans({})]


def read(document: Any) -> tuple[list[Record], list[str]]:
    problems: list[str] = []
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(records(data, problems)), problems


def held(spans: list[Any]) -> dict[str, Any]:
    return {"Id": "1", "Duration": 0.1, "Spans": [{"Id": "a", "Document": json.dumps(one)} for one in spans]}


@pytest.mark.parametrize(
    "document",
    [
        RECORDS,
        held(RECORDS),
        {"RetrievalStatus": "COMPLETE", "TraceFormat": "OTEL", "Traces": [held(RECORDS)]},
    ],
)
def test_records_come_in_lists_and_in_answers(document: Any) -> None:
    found, problems = read(document)
    assert problems == []
    assert found == [read(one)[0][0] for one in RECORDS]


@pytest.mark.parametrize("prefix", ["2026-08-01T10:00:00.123Z ", "2026-08-01T10:00:00+00:00 default ", " \n"])
def test_what_stands_before_a_record_is_passed_over(prefix: str) -> None:
    assert read(f"{prefix}{json.dumps(RECORDS[0])}\n".encode()) == read(RECORDS[0])


@pytest.mark.parametrize("key", ["message", "@message"])
@pytest.mark.parametrize("as_text", [True, False])
def test_a_record_may_be_a_message_of_a_log(key: str, as_text: bool) -> None:
    held = json.dumps(RECORDS[0]) if as_text else RECORDS[0]
    assert read({"@timestamp": "2026-08-01", key: held}) == read(RECORDS[0])


def test_a_wrong_part_costs_itself_alone() -> None:
    wrong = {**RECORDS[0], "attributes": [1], "status": 5, "_aws": "x"}
    (record,), problems = read(wrong)
    assert (record.trace_id, record.attributes, record.aws) == (RECORDS[0]["traceId"], None, None)
    assert len(problems) == 3


def test_a_wrong_record_costs_itself_alone() -> None:
    found, problems = read([RECORDS[0], 5, {"a": 1}, RECORDS[1]])
    assert (len(found), len(problems)) == (2, 2)


@pytest.mark.parametrize("data", [b"", b"{", b"5", b"{}", b"[" * 200_000, b'{"traceId":"' + b"\xff" * 9])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read(data)


def test_times_stay_exact() -> None:
    (record,), _ = read({**RECORDS[0], "startTimeUnixNano": 1785830304877000193})
    assert record.start_time_unix_nano == 1785830304877000193
