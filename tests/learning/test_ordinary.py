"""Failures, callers, timers and releases explain what is rare; nothing else does."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.bundle.history import History
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.ordinary import ordinary
from coldtrail.learning.rarities import rarities
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, STEAL, USUAL

HELP: Call = ("Invoke", "Lambda", "error-handler", 0.01)


def plain(number: int = 200, function: str = "Order", **fields: object) -> list[Flow]:
    return [
        make_flow(USUAL, flow_id=f"{function}{i}", start=START + 60 * i, function=function, **fields)
        for i in range(number)
    ]


def run(
    calls: list[Call], name: str, start: float = START, function: str = "Order", **fields: object
) -> Flow:
    return make_flow(calls, flow_id=name, start=start, function=function, **fields)


def explained(*flows: Flow, **fields: object) -> dict[str, str]:
    history = History(Vocabulary()).add([*plain(**fields), *flows])  # type: ignore[arg-type]
    return {one.shown.cause.kind: ordinary(history, one) for one in rarities(history)}


def traced(flow: Flow, number: int) -> Flow:
    return replace(flow, application_flow_id=f"t{number}")


def failing(flow: Flow, step: str) -> Flow:
    events = tuple(replace(event, error=event.event_name == step) for event in flow.events)
    return replace(flow, events=events)


def test_a_stolen_object_has_no_explanation() -> None:
    found = explained(*[run([GET, STEAL, PUBLISH], f"x{i}", START + 77.7 * i * i) for i in range(5)])
    assert set(found.values()) == {""}


def test_what_only_follows_a_failed_call_is_explained() -> None:
    flows = [failing(run([GET, HELP], f"x{i}"), "GetItem") for i in range(3)]
    assert explained(*flows)["new_action"] == "it only ever follows a failed call"
    assert explained(*flows, run([HELP, GET], "calm"))["new_action"] == ""


def test_how_runs_of_several_functions_fail_is_explained() -> None:
    failed = [run([GET, HELP], f"x{i}", error=True) for i in range(3)]
    elsewhere = [run([HELP], f"y{i}", function="Pay", error=True) for i in range(3)]
    assert explained(*failed)["new_action"] == ""
    assert explained(*failed, *elsewhere)["new_action"] == "it is how runs fail"
    assert explained(*failed, *elsewhere, run([HELP], "z", function="Pay"))["new_action"] == ""
    early = [run([GET], f"e{i}", error=True) for i in range(3)]
    assert "it is how runs fail" in explained(*early).values()


@pytest.mark.parametrize(("callers", "why"), [(20, "mail causes it in most of its runs"), (60, "")])
def test_what_a_caller_nearly_always_causes_is_explained(callers: int, why: str) -> None:
    called = [
        traced(run(list(USUAL), f"x{i}", START + 9 * i, trigger="S3 inbox", caller="mail"), i)
        for i in range(15)
    ]
    mail = [traced(run([GET], f"m{i}", START + 9 * i, function="mail"), i) for i in range(callers)]
    assert explained(*called, *mail)["trigger"] == why


def test_runs_by_the_clock_are_explained() -> None:
    timed = [run(list(USUAL), f"x{i}", START + 1800 * i, trigger=None) for i in range(4)]
    assert explained(*timed)["trigger"] == "it comes by the clock"
    untimed = [run(list(USUAL), f"x{i}", START + 1800 * i + 31 * i * i, trigger=None) for i in range(4)]
    assert explained(*untimed)["trigger"] == ""


def test_what_most_runs_show_since_it_first_came_is_explained() -> None:
    new = [run([GET, HELP, PUBLISH], f"x{i}", START + 13_000 + i) for i in range(12)]
    assert explained(*new)["new_action"] == "most runs show it since it first came"
    assert explained(*new[:9])["new_action"] == ""
    early = [run([GET, HELP, PUBLISH], f"x{i}", START + 700 * i) for i in range(12)]
    assert explained(*early)["new_action"] == ""


def test_what_is_not_rare_in_a_version_is_explained() -> None:
    new = [run([GET, HELP, PUBLISH], f"x{i}", START + 13_000 + i, version="2") for i in range(25)]
    assert explained(*new, version="1")["new_action"] == "it is not rare since a release"
    assert explained(*new[:5], version="1")["new_action"] == ""
