"""Whole traces, from X-Ray or from where Transaction Search keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from coldtrail.errors import SourceError
from coldtrail.sources.aws import traces as module
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.traces import Answered, Traces
from tests.sources.aws.cloud import with_keys
from tests.sources.aws.xray_stand_in import XRayStandIn, xray_stand_in

NOW = 1_796_000_000.0
IDS = [f"1-{int(NOW):08x}-{number:024x}" for number in range(5)]


@pytest.fixture
def xray(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[XRayStandIn, str]]:
    with_keys(monkeypatch)
    monkeypatch.setattr(module, "_POLL_S", 0.0)
    with xray_stand_in() as found:
        for id in IDS:
            found[0].put(id, NOW, {"id": "5f84c7a1e7d1852f", "trace_id": id, "name": "f"})
        yield found


@pytest.fixture
def traces(xray: tuple[XRayStandIn, str]) -> Traces:
    account = Account("xray", AwsSettings(region="eu-west-1", endpoint_url=xray[1]), {})
    return Traces("xray", account, lambda: NOW)


def ids_of(answered: Answered | None) -> list[str]:
    assert answered is not None
    for trace in answered.traces:
        assert json.loads(trace["Segments"][0]["Document"])["trace_id"] == trace["Id"]
    return [trace["Id"] for trace in answered.traces]


def test_all_pages_are_read_and_what_is_unprocessed_is_said(
    xray: tuple[XRayStandIn, str], traces: Traces
) -> None:
    assert ids_of(traces.get(IDS)) == IDS
    xray[0].unprocessed = {IDS[3]}
    del xray[0].traces[IDS[0]]
    answered = traces.get(IDS)
    assert ids_of(answered) == [IDS[1], IDS[2], IDS[4]]
    assert answered is not None
    assert answered.missing == [IDS[0], IDS[3]]
    assert [path for path, _ in xray[0].asked].count("/GetTraceSegmentDestination") == 1


def test_where_transaction_search_is_on_they_are_retrieved(
    xray: tuple[XRayStandIn, str], traces: Traces
) -> None:
    held = xray[0]
    held.destination = {"Destination": "CloudWatchLogs", "Status": "ACTIVE"}
    held.statuses = ["SCHEDULED", "RUNNING"]
    held.unprocessed = {IDS[1]}
    assert traces.get(IDS) is None
    assert traces.get(IDS) is None
    answered = traces.get(IDS)
    assert ids_of(answered) == [IDS[0], *IDS[2:]]
    assert answered is not None
    assert answered.missing == [IDS[1]]
    paths = [path for path, _ in held.asked]
    assert paths.count("/StartTraceRetrieval") == 1
    assert "/Traces" not in paths


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "TIMEOUT"])
def test_a_retrieval_that_fails_or_expires_is_started_again(
    xray: tuple[XRayStandIn, str], traces: Traces, status: str
) -> None:
    held = xray[0]
    held.destination = {"Destination": "CloudWatchLogs", "Status": "ACTIVE"}
    held.statuses = [status, "RUNNING"]
    with pytest.raises(SourceError, match=f"ended as {status}") as raised:
        traces.get(IDS)
    assert raised.value.retryable
    assert traces.get(IDS) is None
    held.expire()
    with pytest.raises(SourceError, match="has expired") as raised:
        traces.get(IDS)
    assert raised.value.retryable
    assert ids_of(traces.get(IDS)) == IDS


def test_a_destination_that_is_still_changing_is_not_believed(
    xray: tuple[XRayStandIn, str], traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_DESTINATION_S", 0.0)
    assert ids_of(traces.get(IDS)) == IDS
    xray[0].destination = {"Destination": "CloudWatchLogs", "Status": "PENDING"}
    assert ids_of(traces.get(IDS)) == IDS
    assert "/StartTraceRetrieval" not in [path for path, _ in xray[0].asked]
