"""A stand-in for X-Ray's API, since moto knows little of it.

It is written by the API reference and botocore's service model, and real boto3 clients read what it answers;
it checks that times, ids and tokens are sent, keeps traces in memory, and gives pages. It is not X-Ray: it
throttles nothing, checks no signature, and indexes every trace.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class XRayStandIn:
    """What the stand-in holds, and what it was asked."""

    def __init__(self) -> None:
        self.traces: dict[str, list[dict[str, str]]] = {}
        self.updated: dict[str, float] = {}
        self.revisions: dict[str, int] = {}
        self.destination = {"Destination": "XRay", "Status": "ACTIVE"}
        self.unprocessed: set[str] = set()
        self.statuses: list[str] = []
        """What the next looks at a retrieval answer, before it is complete."""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._retrievals: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def put(self, trace_id: str, at: float, segment: dict[str, Any]) -> None:
        """Takes a segment in, as of a time."""
        with self._lock:
            document = {"Id": segment["id"], "Document": json.dumps(segment)}
            self.traces.setdefault(trace_id, []).append(document)
            self.updated[trace_id] = at
            self.revisions[trace_id] = self.revisions.get(trace_id, 0) + 1

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer of a call."""
        with self._lock:
            operation = {
                "/TraceSummaries": self._summaries,
                "/Traces": self._batch,
                "/GetTraceSegmentDestination": lambda body: self.destination,
                "/StartTraceRetrieval": self._start,
                "/ListRetrievedTraces": self._list,
            }[path]
            self.asked.append((path, body))
            found = operation(body)
            return (404 if found.get("__type") else 200), found

    def _summaries(self, body: dict[str, Any]) -> dict[str, Any]:
        start, end = body["StartTime"], body["EndTime"]
        assert end - start <= 6 * 3_600
        assert body["TimeRangeType"] == "Event"
        found = sorted(id for id, at in self.updated.items() if start <= at <= end)
        first = int(body.get("NextToken", 0))
        summaries = [
            {"Id": id, "Duration": 0.1, "Revision": self.revisions[id], "IsPartial": False}
            for id in found[first : first + 3]
        ]
        return {
            "TraceSummaries": summaries,
            "ApproximateTime": end,
            "TracesProcessedCount": len(found),
            **_more(found, first, 3),
        }

    def _batch(self, body: dict[str, Any]) -> dict[str, Any]:
        ids = body["TraceIds"]
        assert 1 <= len(ids) <= 5
        known = [id for id in ids if id in self.traces and id not in self.unprocessed]
        first = int(body.get("NextToken", 0))
        traces = [
            {"Id": id, "Duration": 0.1, "LimitExceeded": False, "Segments": self.traces[id]}
            for id in known[first : first + 2]
        ]
        unprocessed = [id for id in ids if id in self.unprocessed]
        return {"Traces": traces, "UnprocessedTraceIds": unprocessed, **_more(known, first, 2)}

    def _start(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["StartTime"] < body["EndTime"]
        token = f"retrieval-{len(self._retrievals)}"
        self._retrievals[token] = body["TraceIds"]
        return {"RetrievalToken": token}

    def _list(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["TraceFormat"] == "XRAY"
        if body["RetrievalToken"] not in self._retrievals:
            return {"__type": "ResourceNotFoundException", "Message": "no such retrieval"}
        if self.statuses:
            return {"RetrievalStatus": self.statuses.pop(0), "TraceFormat": "XRAY", "Traces": []}
        ids = [id for id in self._retrievals[body["RetrievalToken"]] if id not in self.unprocessed]
        first = int(body.get("NextToken", 0))
        traces = [{"Id": id, "Duration": 0.1, "Spans": self.traces[id]} for id in ids[first : first + 2]]
        return {
            "RetrievalStatus": "COMPLETE",
            "TraceFormat": "XRAY",
            "Traces": traces,
            **_more(ids, first, 2),
        }

    def expire(self) -> None:
        """Forgets all retrievals."""
        self._retrievals.clear()


def _more(all: list[str], first: int, number: int) -> dict[str, str]:
    return {"NextToken": str(first + number)} if first + number < len(all) else {}


@contextmanager
def xray_stand_in() -> Iterator[tuple[XRayStandIn, str]]:
    """The stand-in and its address, answering over HTTP."""
    held = XRayStandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, answer = held.answer(self.path, json.loads(self.rfile.read(length) or b"{}"))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if "__type" in answer:
                self.send_header("x-amzn-ErrorType", answer["__type"])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield held, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
