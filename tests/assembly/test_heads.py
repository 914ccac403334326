"""What documents say of one run, as one."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.assembly.heads import settled
from coldtrail.assembly.trace import Source
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.telemetry import Span

WHOLE = Span(
    "t", "f", "l", "Order", start_time=1000.0, end_time=1001.0, account="1", version="7", witnesses=("xray",)
)
OPEN = replace(WHOLE, end_time=None, in_progress=True)
FORMS: dict[str, Span] = {
    "open": OPEN,
    "open, without its account and parent": replace(OPEN, account=None, parent_id=None, version=None),
    "whole, a step of it open": replace(WHOLE, in_progress=True, end_time=1000.5),
    "another witness": replace(
        WHOLE, start_time=1000.0004, end_time=None, parent_id=None, witnesses=("native",)
    ),
}
CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "parent": {"parent_id": "other"},
    "no parent": {"parent_id": None},
    "outcome": {"error": True},
    "version": {"version": "8"},
    "start": {"start_time": 999.0},
    "end": {"end_time": 1003.0},
    "trigger": {"trigger": "AWS::SNS x"},
    "caller": {"caller": "x"},
    "request": {"request_id": "x"},
}


def of(
    *heads: Span, around: float | None = 1000.0
) -> tuple[Span, tuple[str | None, ...], list[Contradiction]]:
    sources: dict[Span, Source] = {head: ("file", f"line {i}") for i, head in enumerate(heads)}
    told, other = settled(sources, around), settled(dict(reversed(sources.items())), around)
    assert told == other
    return told


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_one_record_agree(form: str) -> None:
    failed = replace(WHOLE, error=True)
    head, parents, found = of(FORMS[form], failed)
    assert not found
    assert (head.end_time, head.error, head.in_progress, parents) == (1001.0, True, False, ("l",))


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_whole_records_that_differ_contradict_each_other(what: str) -> None:
    first = replace(WHOLE, trigger="timer", caller="cron", request_id="r")
    _, _, (found,) = of(first, replace(first, **CONTRADICTIONS[what]))
    aspect = {"start": "times", "end": "times", "no parent": "parent"}.get(what, what)
    assert found.aspects == (aspect,)
    assert {(one.origin, one.place) for one in found.statements} == {("file", "line 0"), ("file", "line 1")}


def test_a_run_has_all_its_parents_and_neither_failure_nor_version_excuses_it() -> None:
    head, parents, _ = of(WHOLE, replace(WHOLE, parent_id="m", error=True, version="8"))
    assert parents == ("l", "m")
    assert (head.error, head.version) == (False, None)


def test_of_its_times_those_count_that_a_run_can_have() -> None:
    head, _, _ = of(WHOLE, replace(WHOLE, start_time=1.0, end_time=4.1e9))
    assert (head.start_time, head.end_time) == (1000.0, 1001.0)
    head, _, _ = of(WHOLE, replace(WHOLE, start_time=990.0, end_time=1030.0))
    assert (head.start_time, head.end_time) == (990.0, 1030.0)


def test_an_open_record_that_ends_after_the_whole_one_contradicts_it() -> None:
    _, _, (found,) = of(WHOLE, replace(OPEN, end_time=4.1e9))
    assert found.aspects == ("times",)


def test_what_started_it_by_contradictory_records_was_never_met_before() -> None:
    head, _, _ = of(replace(WHOLE, trigger="b"), replace(WHOLE, trigger="a"))
    assert head.trigger == "a, b"
