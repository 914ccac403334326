"""Traces as they come and change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.aws import traces, xray
from coldtrail.sources.aws.xray import XraySettings, XraySource
from tests.sources.aws.cloud import context, with_keys
from tests.sources.aws.xray_stand_in import XRayStandIn, xray_stand_in


class Cloud:
    """The stand-in, and a source that reads it; its clock is set."""

    def __init__(self, held: XRayStandIn, address: str, tmp_path: Path) -> None:
        self.held, self.address, self.tmp_path = held, address, tmp_path
        self.tally = Tally()
        self.now = 1_796_000_000.0
        self.position = b""

    def put(self, number: int, ago_s: float = 0.0, segment: str = "5f84c7a1e7d1852f") -> None:
        id = f"1-{int(self.now):08x}-{number:024x}"
        self.held.put(id, self.now - ago_s, {"id": segment, "trace_id": id, "name": str(number)})

    def source(self, **settings: Any) -> XraySource:
        given = XraySettings(region="eu-west-1", endpoint_url=self.address, **{"every_s": 0.0, **settings})
        return XraySource(given, context(self.tmp_path, tally=self.tally), lambda: self.now)

    def read(self, source: XraySource) -> list[tuple[int, int]]:
        """Which traces came, and of how many segments."""
        found = []
        for _ in range(12):
            batch = source.fetch()
            if batch is not None:
                self.position = batch.position
                for document in batch.documents:
                    trace = json.loads(document.payload)
                    found.append((int(trace["Id"][-4:], 16), len(trace["Segments"])))
        return sorted(found)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    with_keys(monkeypatch)
    monkeypatch.setattr(xray, "_PACE_S", 0.0)
    monkeypatch.setattr(xray, "_DEEP_S", 0.0)
    monkeypatch.setattr(traces, "_POLL_S", 0.0)
    with xray_stand_in() as (held, address):
        yield Cloud(held, address, tmp_path)


@pytest.mark.parametrize("destination", ["XRay", "CloudWatchLogs"])
def test_traces_come_once_and_again_when_they_have_changed(cloud: Cloud, destination: str) -> None:
    cloud.held.destination = {"Destination": destination, "Status": "ACTIVE"}
    cloud.held.statuses = ["RUNNING"] if destination != "XRay" else []
    for number in range(12):
        cloud.put(number, 100.0)
    source = cloud.source()
    assert cloud.read(source) == [(number, 1) for number in range(12)]
    assert cloud.read(source) == []
    id = next(iter(cloud.held.traces))
    cloud.now += 5.0
    cloud.held.put(id, cloud.now, {"id": "6f84c7a1e7d1852f", "trace_id": id, "name": "late"})
    assert cloud.read(source) == [(0, 2)]
    assert cloud.tally.lost == 0


def test_it_resumes_without_repeating_and_finds_what_came_late(cloud: Cloud) -> None:
    for number in range(3):
        cloud.put(number, 10.0)
    assert len(cloud.read(cloud.source())) == 3
    cloud.now += 60.0
    cloud.put(7, 300.0)
    again = cloud.source()
    again.resume(cloud.position)
    assert cloud.read(again) == [(7, 1)]


def test_it_resumes_between_the_traces_of_one_listing(cloud: Cloud) -> None:
    for number in range(12):
        cloud.put(number, 10.0)
    first = cloud.source().fetch()
    assert first is not None
    assert (len(first.documents), first.more) == (5, True)
    again = cloud.source()
    again.resume(first.position)
    assert cloud.read(again) == [(number, 1) for number in range(5, 12)]


def test_what_is_never_given_is_counted(cloud: Cloud) -> None:
    for number in range(3):
        cloud.put(number, 10.0)
    cloud.held.unprocessed = {list(cloud.held.traces)[1]}
    source = cloud.source()
    assert cloud.read(source) == [(0, 1), (2, 1)]
    assert cloud.tally.losses == {"traces not given": 1}
    cloud.held.unprocessed = set()
    assert cloud.read(source) == []


def test_the_filter_is_sent_and_what_it_needs_is_told(cloud: Cloud) -> None:
    cloud.source(filter='service("orders")').fetch()
    assert cloud.held.asked[0][1]["FilterExpression"] == 'service("orders")'
    actions = [action for permission in cloud.source().needs() for action in permission.actions]
    assert actions == [
        *("xray:GetTraceSegmentDestination", "xray:GetTraceSummaries", "xray:BatchGetTraces"),
        *("xray:StartTraceRetrieval", "xray:ListRetrievedTraces"),
    ]
    with pytest.raises(SourceError, match="another kind"):
        cloud.source().resume(b"[]")


def test_it_is_behind_until_it_has_asked_for_all_times(cloud: Cloud) -> None:
    cloud.put(1, ago_s=20_000.0)
    cloud.put(2, ago_s=60.0)
    source = cloud.source(since_s=21_000.0)
    found = 0
    assert source.is_behind
    while source.is_behind:
        batch = source.fetch()
        found += 0 if batch is None else len(batch.documents)
    assert found == 2
    source.close()
