"""The trace store, and the form in which `BatchGetTraces` returns a trace."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from coldtrail_testbed.cloud.causes import tidy_cause
from coldtrail_testbed.cloud.identifiers import Identifiers

Document = dict[str, Any]

_ORIGINS = {
    "dynamodb": "AWS::DynamoDB::Table",
    "events": "AWS::Events",
    "s3": "AWS::S3::Bucket",
    "sns": "AWS::SNS",
    "sqs": "AWS::SQS::Queue",
    "ssm": "AWS::SSM",
}
_RESOURCE_KEYS = ("table_name", "bucket_name", "topic_arn", "queue_url")
_INFERRED_KEYS = ("fault", "error", "throttle", "http", "aws", "cause")


class TraceStore:
    """Segments and subsegments as they arrive, by trace."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._segments: defaultdict[str, list[Document]] = defaultdict(list)
        self._fragments: defaultdict[str, list[Document]] = defaultdict(list)

    def add_segment(self, segment: Document) -> None:
        """None; a whole segment of a service is kept."""
        self._segments[segment["trace_id"]].append(segment)

    def add_fragment(self, fragment: Document) -> None:
        """None; a subsegment that the SDK of a function sent is kept."""
        self._fragments[fragment["trace_id"]].append(fragment)

    def take(self, is_pending: Callable[[str], bool] = lambda _root: False) -> list[Document]:
        """All complete traces in the order of their start, removed from the store.

        A trace is complete when nothing of it is pending any more.
        """
        roots = [root for root in self._segments if not is_pending(root)]
        traces = [
            self._assemble(root, self._segments.pop(root), self._fragments.pop(root, [])) for root in roots
        ]
        return sorted(traces, key=lambda trace: min(segment["start_time"] for segment in trace["segments"]))

    def _assemble(self, root: str, segments: list[Document], fragments: list[Document]) -> Document:
        _attach(segments, fragments)
        called: defaultdict[str, list[Document]] = defaultdict(list)
        for whole in segments:
            if "parent_id" in whole:
                called[whole["parent_id"]].append(whole)
        calls = [call for segment in segments for call in subsegments(segment) if call.get("namespace")]
        for call in calls:
            _name_resource(call)
        inferred = [segment for call in calls if (segment := self._infer(root, call, called))]
        segments = segments + inferred
        return {"id": root, "segments": segments}

    def _infer(self, root: str, call: Document, called: dict[str, list[Document]]) -> Document | None:
        downstream = called.get(call["id"], [])
        service = call["name"].lower()
        if service not in _ORIGINS or (downstream and service not in ("events", "s3", "sns")):
            return None
        segment = {
            "id": self._identifiers.segment(),
            "name": call["name"],
            "start_time": call["start_time"],
            "trace_id": root,
            "end_time": call["end_time"],
            "parent_id": call["id"],
            "inferred": True,
            **{key: call[key] for key in _INFERRED_KEYS if key in call},
            "origin": _ORIGINS[service],
        }
        if service == "sqs":
            segment["subsegments"] = [self._queue_time(call)]
        if service in ("events", "sns"):
            for woken in downstream:
                woken["parent_id"] = segment["id"]
        return segment

    def _queue_time(self, call: Document) -> Document:
        times = {"start_time": call["start_time"], "end_time": call["end_time"]}
        return {"id": self._identifiers.segment(), "name": "QueueTime", **times}


def batch_get_traces_form(trace: Document) -> Document:
    """One element of `Traces` in a `BatchGetTraces` response: every document is JSON in a string."""
    segments = trace["segments"]
    start = min(segment["start_time"] for segment in segments)
    end = max(segment["end_time"] for segment in segments)
    return {
        "Id": trace["id"],
        "Duration": round(end - start, 3),
        "LimitExceeded": False,
        "Segments": [
            {"Id": segment["id"], "Document": json.dumps(segment, separators=(",", ":"))}
            for segment in segments
        ],
    }


def subsegments(document: Document) -> Iterator[Document]:
    """All subsegments of `document`, depth first."""
    for child in document.get("subsegments", ()):
        yield child
        yield from subsegments(child)


def _attach(segments: list[Document], fragments: list[Document]) -> None:
    by_id = {part["id"]: part for whole in [*segments, *fragments] for part in (whole, *subsegments(whole))}
    for fragment in fragments:
        parent = by_id.get(fragment["parent_id"])
        if parent is None:
            # Its parent was still open, so never sent, when the process ended.
            continue
        for key in ("parent_id", "trace_id", "type"):
            fragment.pop(key, None)
        for part in (fragment, *subsegments(fragment)):
            _tidy(part)
        parent.setdefault("subsegments", []).append(fragment)


def _tidy(part: Document) -> None:
    if part.get("in_progress") is False:
        del part["in_progress"]
    if part.get("namespace") == "local":
        del part["namespace"]
    if "cause" in part:
        part["cause"] = tidy_cause(part["cause"])


def _name_resource(call: Document) -> None:
    aws = call.get("aws", {})
    # Moto answers with it unasked; DynamoDB does not.
    aws.pop("consumed_capacity", None)
    names = [aws[key] for key in _RESOURCE_KEYS if key in aws]
    if names and "resource_names" not in aws:
        aws["resource_names"] = names[:1]
