"""Whole traces by their ids, from X-Ray itself or from where Transaction Search keeps them.

https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html
https://docs.aws.amazon.com/xray/latest/api/API_StartTraceRetrieval.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from coldtrail.errors import SourceError
from coldtrail.sources.aws.account import Account
from coldtrail.sources.aws.refusals import asking, checked, code_of

AT_ONCE = 5
"""So many traces `BatchGetTraces` and `StartTraceRetrieval` take."""
_DESTINATION_S = 600.0
_RETRIEVAL_S = 120.0
_POLL_S = 1.0
_MARGIN_S = 3_600.0
_TRANSACTION_SEARCH = "CloudWatchLogs"
_UNFINISHED = ("SCHEDULED", "RUNNING")
_COMPLETE = "COMPLETE"


class Answered(NamedTuple):
    """What was asked for, as `BatchGetTraces` gives it."""

    traces: list[dict[str, Any]]
    missing: list[str]
    """Ids of traces that were not given."""


class _Retrieval(NamedTuple):
    ids: tuple[str, ...]
    token: str
    since: float


class Traces:
    """Asks for traces; where segments go is asked first, and again now and then."""

    def __init__(self, name: str, account: Account, clock: Callable[[], float]) -> None:
        self._name, self._account, self._clock = name, account, clock
        self._destination = ""
        self._next_asked = self._next_poll = float("-inf")
        self._retrieval: _Retrieval | None = None

    def get(self, ids: Sequence[str]) -> Answered | None:
        """The traces; None while they are being retrieved: to be asked for again with the same ids."""
        if not self._is_searched():
            return self._batch(ids)
        if self._retrieval is None or self._retrieval.ids != tuple(ids):
            self._start(ids)
        return self._retrieved()

    def _is_searched(self) -> bool:
        """Whether Transaction Search is on: then X-Ray itself keeps no segments."""
        now = time.monotonic()
        if now >= self._next_asked:
            with self._asking("GetTraceSegmentDestination"):
                answer = self._checked(self._client().get_trace_segment_destination())
            # While a change is pending, segments still go where they went.
            if answer.get("Status") != "PENDING" or not self._destination:
                self._destination = answer.get("Destination", "")
            self._next_asked = now + _DESTINATION_S
        return self._destination == _TRANSACTION_SEARCH

    def _batch(self, ids: Sequence[str]) -> Answered:
        traces: list[dict[str, Any]] = []
        missing: set[str] = set()
        asked: dict[str, Any] = {"TraceIds": list(ids)}
        while True:
            with self._asking("BatchGetTraces"):
                page = self._checked(self._client().batch_get_traces(**asked))
            traces += page.get("Traces", ())
            missing.update(page.get("UnprocessedTraceIds", ()))
            if not page.get("NextToken"):
                given = {trace.get("Id") for trace in traces}
                return Answered(traces, [id for id in ids if id in missing or id not in given])
            asked["NextToken"] = page["NextToken"]

    def _start(self, ids: Sequence[str]) -> None:
        began = [_began(id) for id in ids]
        now = self._clock()
        with self._asking("StartTraceRetrieval"):
            since = min([at for at in began if at], default=now) - _MARGIN_S
            answer = self._checked(
                self._client().start_trace_retrieval(TraceIds=list(ids), StartTime=since, EndTime=now)
            )
        self._retrieval = _Retrieval(tuple(ids), answer["RetrievalToken"], time.monotonic())

    def _retrieved(self) -> Answered | None:
        retrieval = self._retrieval
        now = time.monotonic()
        if retrieval is None or now < self._next_poll:
            return None
        self._next_poll = now + _POLL_S
        traces: list[dict[str, Any]] = []
        asked = {"RetrievalToken": retrieval.token, "TraceFormat": "XRAY"}
        while True:
            page = self._page(asked)
            status = page.get("RetrievalStatus", _COMPLETE)
            if status in _UNFINISHED and now - retrieval.since < _RETRIEVAL_S:
                return None
            if status != _COMPLETE:
                self._retrieval = None
                raise SourceError(f"{self._name}: the retrieval of traces ended as {status}.", retryable=True)
            traces += [_as_segments(trace) for trace in page.get("Traces", ())]
            if not page.get("NextToken"):
                break
            asked["NextToken"] = page["NextToken"]
        self._retrieval = None
        given = {trace["Id"] for trace in traces if trace["Segments"]}
        return Answered(traces, [id for id in retrieval.ids if id not in given])

    def _page(self, asked: dict[str, str]) -> dict[str, Any]:
        client = self._client()
        with self._asking("ListRetrievedTraces"):
            try:
                page = self._checked(client.list_retrieved_traces(**asked))
            except client.exceptions.ClientError as error:
                if code_of(error) != "ResourceNotFoundException":
                    raise
                self._retrieval = None
                raise SourceError(
                    f"{self._name}: a retrieval of traces has expired.", retryable=True
                ) from None
        return page

    def _asking(self, action: str) -> Any:
        return asking(self._name, f"xray:{action}", "*")

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        return checked(self._name, "what was asked of X-Ray", answer)

    def _client(self) -> Any:
        return self._account.client("xray")


def _as_segments(trace: dict[str, Any]) -> dict[str, Any]:
    """A retrieved trace as `BatchGetTraces` gives one."""
    segments = [{"Id": span.get("Id", ""), "Document": span["Document"]} for span in trace.get("Spans", ())]
    return {"Id": trace.get("Id", ""), "Segments": segments}


def _began(id: str) -> float | None:
    """When a trace began, of which its id tells: `1-5759e988-bd862e3fe1be46a994272793`."""
    try:
        return float(int(id.split("-")[1], 16))
    except (IndexError, ValueError):
        return None
