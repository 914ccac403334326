"""Functions of reports that name none, by the instance that wrote them."""

from __future__ import annotations

from itertools import permutations

from msgspec.structs import replace

from coldtrail.assembly.join.instances import MOST_INSTANCES, Instances
from coldtrail.assembly.join.joining import Joining
from coldtrail.config import Settings
from coldtrail.records.tally import Tally
from coldtrail.records.witnesses import Report
from tests.assembly.join.told import START, counts, flow, joined, report

NAMELESS = report(function_name="", instance="i1")
STARTED = Report(START - 1.0, None, "Pay", "init start", version="7", instance="i1")


def test_the_start_of_an_instance_names_what_else_it_reports() -> None:
    for told in permutations([STARTED, NAMELESS, replace(NAMELESS, request_id="r1", instance="i2")]):
        (one,) = joined(told)
        assert (one.function_name, one.version, one.request_id) == ("Pay", "7", "r0")
        assert counts(told)["reports without a function or a time"] == 1


def test_what_names_a_function_keeps_its_word() -> None:
    (one,) = joined([STARTED, report(instance="i1")])
    assert (one.function_name, one.version) == ("Order", None)
    (two,) = joined([STARTED, replace(NAMELESS, version="8")])
    assert two.version == "8"


def test_an_instance_of_two_functions_names_none() -> None:
    told = [STARTED, replace(STARTED, function_name="Order"), STARTED, NAMELESS]
    assert joined(told) == []


def test_reports_that_stay_without_a_function_say_how_to_keep_it() -> None:
    tally = Tally()
    assert joined([NAMELESS, replace(NAMELESS, kind="start"), flow(5)], tally)
    assert tally.losses == {"report of no function": 2}
    (said,) = tally.sentences()
    assert "keep aws/lambda/NAME in the path of the file" in said
    assert joined([flow(0), NAMELESS], quiet := Tally())
    assert not quiet.losses


def test_a_report_without_a_time_alone_is_not_said_to_lack_a_name() -> None:
    tally = Tally()
    assert joined([report(time=None)], tally) == []
    assert tally.losses == {"report of no time": 1}
    (said,) = tally.sentences()
    assert "keep the time that stands before each line" in said


def test_each_report_that_makes_no_flow_has_a_reason() -> None:
    """Of those that name an invocation: told again, without a function, without a time."""
    lines = [
        report(time=None),
        report(time=None),
        replace(NAMELESS, request_id="r1"),
        report(request_id="r2"),
    ]
    lines.append(replace(NAMELESS, request_id="r3", time=None))
    assert len(joined(lines, tally := Tally())) == 1
    assert tally.counts["reports told again"] == 1
    assert tally.losses == {"report of no time": 1, "report of no function": 2}


def test_instances_are_kept_where_a_command_goes_on_later() -> None:
    joining, later = Joining(Settings(), Tally()), Joining(Settings(), Tally())
    joining.push([STARTED])
    later.restore(joining.snapshot())
    later.push([NAMELESS])
    (one,) = later.advance(float("inf"))
    assert one.key.function == "Pay"
    state = joining.snapshot()
    state = {name: array for name, array in state.items() if "instances" not in name}
    later.restore(state)


def test_the_oldest_instances_are_forgotten() -> None:
    instances = Instances()
    for number in range(MOST_INSTANCES + 1):
        instances.see(replace(STARTED, instance=f"i{number}"))
    assert instances.named(replace(NAMELESS, instance="i0")) == replace(NAMELESS, instance="i0")
    kept = instances.named(replace(NAMELESS, instance=f"i{MOST_INSTANCES}"))
    assert isinstance(kept, Report)
    assert kept.function_name == "Pay"
    assert len(instances.state()) <= MOST_INSTANCES
