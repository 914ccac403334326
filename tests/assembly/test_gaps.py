"""Invocations of which the telemetry holds no run."""

from collections import Counter

from coldtrail.assembly.gaps import count_gaps
from coldtrail.records.telemetry import Link


def test_invocations_that_no_run_belongs_to_are_counted() -> None:
    links = [
        Link("t", "own", None, "invocation", "AWS::Lambda", "F"),
        Link("t", "above", None, "invocation", "AWS::Lambda", "F"),
        Link("t", "below", "above", "hop", "subsegment", "Attempt"),
        Link("t", "lost", None, "invocation", "AWS::Lambda", "F"),
        Link("t", "refused", None, "invocation", "AWS::Lambda", "F", failed=True),
        Link("t", "topic", None, "service", "AWS::SNS", "events"),
    ]
    counts: Counter[str] = Counter()
    count_gaps(["own", "below", None], links, counts)
    assert counts["invocations without a record of their own"] == 2
    assert counts["invocations that failed before the function ran"] == 1


def test_nothing_is_counted_where_there_are_none() -> None:
    counts: Counter[str] = Counter()
    count_gaps(["own"], [], counts)
    assert not counts
