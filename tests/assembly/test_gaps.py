"""Invocations of which the telemetry holds no run."""

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.assembly.gaps import count_gaps
from coldtrail.config import Settings
from coldtrail.records.tally import Tally, Unrecorded
from coldtrail.records.telemetry import Link, Observations, Span


def test_invocations_that_no_run_belongs_to_are_counted() -> None:
    links = [
        Link("t", "own", None, "invocation", "AWS::Lambda", "F"),
        Link("t", "above", None, "invocation", "AWS::Lambda", "F"),
        Link("t", "below", "above", "hop", "subsegment", "Attempt"),
        Link("t", "lost", None, "invocation", "AWS::Lambda", "F"),
        Link("t", "refused", None, "invocation", "AWS::Lambda", "F", failed=True),
        Link("t", "topic", None, "service", "AWS::SNS", "events"),
    ]
    tally = Tally()
    count_gaps(["own", "below", None], links, tally)
    assert tally.counts["invocations without a record of their own"] == 2
    assert tally.counts["invocations that failed before the function ran"] == 1


def test_nothing_is_counted_where_there_are_none() -> None:
    tally = Tally()
    count_gaps(["own"], [], tally)
    assert not tally.counts


ARN = "arn:aws:lambda:eu-west-1:111122223333:function:Charge"


def test_whose_invocations_they_were_and_who_made_them_is_told() -> None:
    links = [
        Link("t", "machine", None, "source", "AWS::StepFunctions::StateMachine", "booking"),
        Link("t", "state", "machine", "hop", "subsegment", "Charge"),
        Link("t", "charge", "state", "invocation", "AWS::Lambda", ARN),
        Link("t", "again", "state", "invocation", "AWS::Lambda", "Charge"),
        Link("t", "refused", "state", "invocation", "AWS::Lambda", "Charge", failed=True),
        Link("t", "alone", None, "invocation", "AWS::Lambda", "Mail"),
        Link("t", "run", None, "invocation", "AWS::Lambda", "Order"),
    ]
    tally = Tally()
    assembler = FlowAssembler(Settings(), tally)
    assembler.push([Observations([Span("t", "f", "run", "Order", start_time=1.0)], links)])
    assert len(list(assembler.drain())) == 1
    assert tally.unrecorded == {Unrecorded("Charge", "booking"): 2, Unrecorded("Mail", None): 1}
