"""Events of log groups."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.aws import logs as module
from coldtrail.sources.aws.logs import LogsSettings, LogsSource
from tests.sources.aws.cloud import ACCOUNT, Faults, client, context

SPAN = '{"traceId": "%d", "spanId": "1"}'


class Cloud:
    """Log groups, and a source that reads them; its clock is set."""

    def __init__(self, endpoint: str, tmp_path: Path) -> None:
        self.endpoint, self.tmp_path = endpoint, tmp_path
        self.aws = client("logs", endpoint)
        self.tally = Tally()
        self.now = time.time()

    def group(self, name: str, *streams: str) -> None:
        self.aws.create_log_group(logGroupName=name)
        for stream in streams or ("s",):
            self.aws.create_log_stream(logGroupName=name, logStreamName=stream)

    def put(self, group: str, message: str, ago_s: float = 0.0, stream: str = "s") -> None:
        event = {"timestamp": int((self.now - ago_s) * 1_000), "message": message}
        self.aws.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])

    def source(self, *groups: str, **settings: Any) -> LogsSource:
        given = LogsSettings(
            groups=groups, region="eu-west-1", endpoint_url=self.endpoint, **{"every_s": 0.0, **settings}
        )
        return LogsSource(given, context(self.tmp_path, tally=self.tally), lambda: self.now)

    def read(self, source: LogsSource) -> list[Any]:
        found = []
        for _ in range(10):
            batch = source.fetch()
            if batch is not None:
                found += list(batch.documents)
                self.position = batch.position
        return found


@pytest.fixture
def cloud(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(module, "_PACE_S", 0.0)
    monkeypatch.setattr(module, "_DEEP_S", 0.0)
    return Cloud(endpoint, tmp_path)


def test_events_come_once_and_say_where_they_stood(cloud: Cloud) -> None:
    cloud.group("aws/spans", "s", "t")
    cloud.put("aws/spans", SPAN % 1, 20.0)
    cloud.put("aws/spans", SPAN % 2, 10.0, "t")
    source = cloud.source("aws/spans")
    first, second = cloud.read(source)
    assert json.loads(first.payload)["traceId"] == "1"
    assert (first.origin, first.place) == ("log group aws/spans", "stream s, event 1")
    assert (second.log.group, second.log.stream, second.log.account) == ("aws/spans", "t", ACCOUNT)
    assert first.log.time == pytest.approx(cloud.now - 20.0, abs=0.01)
    assert first.log.arrived
    assert cloud.read(source) == []


def test_late_events_are_found_and_none_is_given_twice_after_a_restart(cloud: Cloud) -> None:
    cloud.group("aws/spans")
    cloud.put("aws/spans", SPAN % 1, 5.0)
    assert len(cloud.read(cloud.source("aws/spans"))) == 1
    cloud.now += 100.0
    cloud.put("aws/spans", SPAN % 2, 300.0)
    again = cloud.source("aws/spans")
    again.resume(cloud.position)
    assert [json.loads(one.payload)["traceId"] for one in cloud.read(again)] == ["2"]


def test_what_is_older_than_the_beginning_or_too_late_is_not_asked_for(cloud: Cloud) -> None:
    cloud.group("aws/spans")
    cloud.put("aws/spans", SPAN % 1, 7_200.0)
    source = cloud.source("aws/spans", since_s=3_600.0, overlap_s=60.0)
    assert cloud.read(source) == []
    cloud.put("aws/spans", SPAN % 2, 120.0)
    assert cloud.read(source) == []


def test_it_catches_up_in_slices_and_remembers_a_bounded_number(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_IDS", 5)
    cloud.group("aws/spans")
    for number in range(20):
        cloud.put("aws/spans", SPAN % number, 3_000.0 - 100.0 * number)
    source = cloud.source("aws/spans", overlap_s=3_000.0)
    found = cloud.read(source)
    assert [json.loads(one.payload)["traceId"] for one in found] == [str(number) for number in range(20)]
    assert cloud.read(source) == []
    assert cloud.tally.counts["log events remembered for a shorter time"]


def test_pages_are_read_to_the_last_and_an_error_between_them_loses_nothing(
    cloud: Cloud, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.group("aws/spans")
    for number in range(9):
        cloud.put("aws/spans", SPAN % number, 20.0 - number)
    made, asked = cloud.source("aws/spans"), LogsSource._asked

    def in_threes(source: LogsSource, window: Any) -> dict[str, Any]:
        skip = int(window.token or 0)
        answer = asked(source, module._Window(window.group, window.start, window.end))
        events = answer["events"]
        more = {"nextToken": str(skip + 3)} if len(events) > skip + 3 else {}
        return {"events": events[skip : skip + 3], **more}

    monkeypatch.setattr(LogsSource, "_asked", in_threes)
    first = next(batch for _ in range(10) if (batch := made.fetch()) is not None)
    assert len(first.documents) == 3
    cloud.position = first.position
    again = cloud.source("aws/spans")
    again.resume(cloud.position)
    assert [json.loads(one.payload)["traceId"] for one in cloud.read(again)] == list("345678")


def test_what_is_wrong_is_said(cloud: Cloud, faults: Faults) -> None:
    with pytest.raises(ConfigError, match="groups is empty"):
        cloud.source()
    with pytest.raises(SourceError, match="there is no log group aws/spans"):
        cloud.source("aws/spans").fetch()
    with pytest.raises(SourceError, match="another kind"):
        cloud.source("aws/spans").resume(
            b'{"groups": {"a": {"until": 1, "known_from": 1, "ids": {"1": "%"}}}}'
        )
    cloud.group("aws/spans")
    faults.next_fault = lambda operation: "AccessDeniedException" if operation == "FilterLogEvents" else None
    with pytest.raises(
        SourceError, match=r"grant logs:FilterLogEvents on arn:aws:logs:eu-west-1:\*:log-group"
    ):
        cloud.source("aws/spans").fetch()


def test_it_is_behind_until_it_has_asked_for_all_times(cloud: Cloud) -> None:
    cloud.group("spans")
    cloud.put("spans", SPAN % 1, ago_s=20_000.0)
    cloud.put("spans", SPAN % 2, ago_s=60.0)
    source = cloud.source("spans", since_s=21_000.0)
    source.fetch()
    assert source.is_behind
    while source.is_behind:
        source.fetch()
    assert source.fetch() is None
    source.close()
