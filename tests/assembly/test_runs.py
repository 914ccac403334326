"""Runs once their trace is closed."""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.assembly.masking import Masking
from coldtrail.assembly.runs import Run, runs_of
from coldtrail.assembly.trace import NOWHERE, Draft
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import START, make_event

MASKING = Masking(512)
STEP = make_event(event_id="e", event_target_resource="evil")
HEAD = Span("t", "f", "l", "Order", start_time=START, end_time=START + 1, account="1", witnesses=("xray",))
LINKS = {"l": Link("t", "l", None, "hop", "x", "x")}


def run(*events: Event) -> Run:
    return Run(HEAD, [Draft(replace(HEAD, steps=events), ("file", "line 1"))])


def test_steps_that_are_told_once_stay_as_they_are() -> None:
    assert run(STEP).steps(10, MASKING, "", LINKS) == ([STEP], 0)


def test_a_step_that_a_link_claims_to_be_something_else_is_noted() -> None:
    one = run(STEP, replace(STEP, event_id="other"))
    one.steps(10, MASKING, "", {"e": Link("t", "e", None, "service", "AWS::S3::Bucket", "x")})
    assert one.clashes == [(STEP, ("file", "line 1"))]
    one = run(STEP)
    one.steps(10, MASKING, "", {"e": Link("t", "e", None, "hop", "subsegment", "x")})
    assert one.clashes == []


def test_copies_stand_side_by_side_under_the_names_that_are_shown() -> None:
    one = run(STEP, *(replace(STEP, event_name=f"job {10**8 + i}") for i in range(3)))
    shown = replace(STEP, event_name="job *")
    steps, _ = one.steps(10, MASKING, "", LINKS)
    assert set(steps) == {STEP, shown}
    one = run(*(replace(STEP, event_name=f"job {10**8 + i}") for i in range(3)))
    assert one.steps(10, MASKING, "", LINKS) == ([shown], 0)
    assert not one.found


def test_what_is_left_out_is_counted_and_copies_are_not() -> None:
    steps = [replace(STEP, event_id=f"e{i}", start_time=START + i, end_time=START + i) for i in range(8)]
    assert run(*steps).steps(5, MASKING, "", LINKS)[1] == 3
    assert run(*steps, *steps).steps(5, MASKING, "", LINKS)[1] == 3


def test_a_stolen_name_gets_a_run_of_its_own_and_leaves_the_other_alone() -> None:
    draft = Draft(replace(HEAD, steps=(STEP,)), NOWHERE)
    draft.add(replace(HEAD, function_name="!", steps=(replace(STEP, event_id="x"),)), NOWHERE)
    runs = {one.head.function_name: one for one in runs_of(draft, None)}
    assert {name: [step.event_id for step in one.events] for name, one in runs.items()} == {
        "Order": ["e"], "!": ["x"],
    }  # fmt: skip
    assert [one.found[0].aspects for one in runs.values()] == [("name",)] * 2


def test_steps_of_several_witnesses_know_theirs() -> None:
    draft = Draft(replace(HEAD, steps=(STEP,)), NOWHERE)
    draft.add(
        replace(HEAD, end_time=None, witnesses=("native",), steps=(replace(STEP, event_id="x"),)), NOWHERE
    )
    (one,) = runs_of(draft, None)
    assert [step.witness for step in one.events] == ["xray", "native"]
