"""Laws that every recording obeys, whatever its application, seed, attacks and look-alikes.

Each takes a recording read back from its folder and raises AssertionError where it is broken.
"""

from collections.abc import Iterator
from typing import Any

from coldtrail_testbed.cloud.traces import subsegments

from .conftest import Run

Document = dict[str, Any]

# Where the real traces, too, have children outside of their parent's time.
BEFORE_THEIR_PARENT = frozenset({"Initialization"})
AROUND_THEIR_PARENT = frozenset({"Dwell Time", "QueueTime"})
"""Also each `Attempt #n`: an asynchronous segment ends when the event is accepted, not when it is served."""


def each_trace_is_written_once_and_whole(run: Run) -> None:
    """Every trace id comes once, every id inside it once, and each parent is there."""
    identifiers = [trace["Id"] for trace in run.traces]
    assert len(set(identifiers)) == len(identifiers)
    for trace in run.traces:
        parts = list(_parts(trace))
        known = {part["id"] for part in parts}
        assert len(known) == len(parts)
        assert [part for part in trace["segments"] if part.get("parent_id", part["id"]) not in known] == []
        assert sum("parent_id" not in segment for segment in trace["segments"]) == 1


def children_lie_inside_their_parents(run: Run) -> None:
    """No subsegment begins before or ends after what it is a part of, but for the exceptions above."""
    for trace in run.traces:
        for parent in _parts(trace):
            assert parent["start_time"] <= parent["end_time"]
            for child in parent.get("subsegments", ()):
                _lies_inside(child, parent)


def _lies_inside(child: Document, parent: Document) -> None:
    if child["name"] in BEFORE_THEIR_PARENT:
        assert child["end_time"] < parent["start_time"]
    elif child["name"] not in AROUND_THEIR_PARENT and not child["name"].startswith("Attempt #"):
        assert parent["start_time"] <= child["start_time"], (parent["name"], child["name"])
        assert child["end_time"] <= parent["end_time"], (parent["name"], child["name"])


def called_segments_lie_inside_their_calls(run: Run) -> None:
    """No segment begins before the call that led to it, nor does one that is waited for end after it.

    A synchronous call is waited for; a segment that answers 202, a state machine that was only started, and
    what hangs below them go on after the call.
    """
    for trace in run.traces:
        by_id = {part["id"]: part for part in _parts(trace)}
        for segment in trace["segments"]:
            parent = by_id.get(segment.get("parent_id", ""))
            if parent is None or parent["name"].startswith("Attempt #"):
                continue
            # Services write whole milliseconds, functions do not.
            assert segment["start_time"] >= parent["start_time"] - 0.001, (parent["name"], segment["name"])
            if _is_waited_for(segment, parent):
                assert segment["end_time"] <= parent["end_time"] + 0.001, (parent["name"], segment["name"])


def _is_waited_for(segment: Document, parent: Document) -> bool:
    if segment["origin"] == "AWS::StepFunctions::StateMachine":
        return False
    answered = segment.get("http", {}).get("response", {}).get("status")
    return answered != 202 and parent.get("origin") != "AWS::SNS"


def labels_point_to_existing_events(run: Run) -> None:
    """Each label names a function's flow, once, and only events inside of that flow."""
    flows = {segment["id"]: segment for segment in run.segments("AWS::Lambda::Function")}
    labelled = [label["function_flow_id"] for label in run.labels]
    assert len(set(labelled)) == len(labelled)
    for label in run.labels:
        inside = {part["id"] for part in subsegments(flows[label["function_flow_id"]])}
        assert label["event_ids"]
        assert len(set(label["event_ids"])) == len(label["event_ids"])
        assert set(label["event_ids"]) <= inside


def counts_are_those_of_the_files(run: Run) -> None:
    """The summary counts what was written."""
    functions = run.segments("AWS::Lambda::Function")
    assert run.summary.traces == len(run.traces)
    assert run.summary.flows == sum(run.summary.functions.values()) == len(functions)
    assert run.summary.events == sum(len(list(subsegments(segment))) for segment in functions)
    assert sum(run.summary.attacks.values()) == len(run.labels)


LAWS = (
    each_trace_is_written_once_and_whole,
    children_lie_inside_their_parents,
    called_segments_lie_inside_their_calls,
    labels_point_to_existing_events,
    counts_are_those_of_the_files,
)


def _parts(trace: Document) -> Iterator[Document]:
    for segment in trace["segments"]:
        yield segment
        yield from subsegments(segment)
