"""Steps told several times: all of them stand, and what contradicts is told with its documents."""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.assembly.copies import united
from coldtrail.assembly.statements import MOST_STATEMENTS, told_together
from coldtrail.assembly.trace import Source
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.flow import Event
from coldtrail.testing import START, make_event

A, B = ("a.jsonl", "line 1"), ("b.jsonl", "line 2")
STEP = make_event(event_id="e", event_target_resource="evil")
OTHER = make_event(event_id="o", start_time=START + 1, end_time=START + 2)


def told(*events: tuple[Event, Source]) -> tuple[list[Event], list[Contradiction]]:
    return united(dict(events), None)


def test_both_copies_stand_and_the_contradiction_names_the_documents() -> None:
    forged = replace(STEP, event_target_resource="Orders", end_time=STEP.end_time + 1e-6)
    for events in ([(STEP, A), (forged, B)], [(forged, B), (STEP, A)]):
        steps, (found,) = told(*events)
        assert set(steps) == {STEP, forged}
        assert (found.of, found.id, found.aspects) == ("step", "e", ("resource",))
        said = {one.values[0]: (one.origin, one.place) for one in found.statements}
        assert said == {"evil": A, "Orders": B}


def test_what_agrees_is_one_step_and_no_contradiction() -> None:
    early = replace(STEP, end_time=START, event_target_resource=None)
    assert told((early, A), (STEP, B), (OTHER, A)) == ([STEP, OTHER], [])


def test_a_copy_dated_decades_away_stands_where_the_others_do() -> None:
    forged = replace(STEP, start_time=1.0, end_time=4.1e9)
    steps, (found,) = told((STEP, A), (OTHER, A), (forged, B))
    assert steps == [STEP, OTHER]
    assert found.aspects == ("times",)
    renamed = replace(forged, event_name="!")
    steps, _ = told((STEP, A), (OTHER, A), (renamed, B))
    assert {(one.event_name, one.start_time) for one in steps} == {
        ("GetItem", START), ("!", START), ("GetItem", START + 1),
    }  # fmt: skip


def test_a_step_below_one_that_was_renamed_when_it_ended_is_one_step() -> None:
    early, below = replace(STEP, event_name="DynamoDB", end_time=START), replace(OTHER, event_parent_id="e")
    first = replace(below, event_parent_name="DynamoDB")
    last = replace(below, event_parent_name="GetItem")
    assert told((early, A), (STEP, B), (first, A), (last, B)) == ([STEP, last], [])


def test_of_many_statements_the_first_are_told_and_the_others_counted() -> None:
    copies = [(replace(STEP, event_name=f"n{i:02}"), A) for i in range(20)]
    steps, (found,) = told(*copies)
    assert len(steps) == 20
    assert (len(found.statements), found.more) == (MOST_STATEMENTS, 20 - MOST_STATEMENTS)


def test_contradictions_alike_are_told_as_one_with_their_number() -> None:
    one = Contradiction("step", "a", "x", ("name",), ())
    other, third = replace(one, id="b"), replace(one, aspects=("times",))
    assert told_together([other, third, one, one]) == (replace(one, others=1), third)
