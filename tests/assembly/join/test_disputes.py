"""What witnesses of one invocation say that cannot all be true."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, permutations
from math import inf
from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.assembly.join.disputes import Disputes
from coldtrail.assembly.join.joining import Joining
from coldtrail.config import Settings
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from tests.assembly.join.told import ARN, START, access, counts, flow, invoke, joined, report

LONG = 86_400.0


def told(things: Sequence[Any]) -> tuple[list[Flow], list[str]]:
    """The flows, the same in any order, and what is said of contradictions; numbers add up."""
    tally = Tally()
    flows = joined(things, tally)
    for order in islice(permutations(things), 120):
        again = Tally()
        assert joined(order, again) == flows
        assert again.sentences() == tally.sentences()
    counts(things)
    return flows, tally.sentences()


@pytest.mark.parametrize("later", [0.0, 0.01, 2.0, 60.0, 119.0])
def test_a_second_report_of_an_absurd_duration_makes_no_flow_and_hides_nothing(later: float) -> None:
    forged = report(0, START + 0.05 + later, duration_s=LONG, memory_used_mb=1.0)
    (one,), (sentence,) = told([flow(), report(), forged])
    assert one.facts is not None
    assert (one.facts.duration_ms, one.facts.memory_used_mb) == (12.3, 81.0)
    assert sentence.startswith("request r0: reports of its end contradict each other")


def test_a_report_in_the_log_of_another_function_makes_no_flow() -> None:
    (one,), (sentence,) = told([flow(), report(), report(function_name="Pay", memory_used_mb=1.0)])
    assert one == joined([flow(), report()])[0]
    assert sentence == (
        "request r0: it is told of as one of 'Pay', and with more right as one of 'Order'; that is believed."
    )


def test_each_kind_of_contradiction_has_its_sentence() -> None:
    forged = report(duration_s=LONG), report(function_name="Pay"), report(1, function_name="Pay")
    _, sentences = told([flow(), flow(1), report(), *forged])
    assert len(sentences) == 2
    assert sentences[0].endswith("(and 1 more of this kind).")


def test_the_audit_log_may_name_another_function_than_the_trace() -> None:
    (one,), (sentence,) = told([flow(), invoke(target=f"{ARN}Pay")])
    assert one.facts is None
    assert "as one of 'Pay'" in sentence


def test_a_report_that_another_run_of_the_request_fits_is_that_runs() -> None:
    second = flow(1, request_id="r0", function="Pay", start=START + 0.1)
    flows, sentences = told([flow(), second, report(0, START + 0.2, function_name="Pay")])
    assert [one.facts is None for one in flows] == [True, False]
    assert sentences == []


def test_reports_of_two_forms_of_one_end_agree() -> None:
    text = report(0, START + 0.051, duration_s=0.01234, memory_used_mb=81.4, status=None)
    (one,), sentences = told([flow(), report(), text])
    assert one.facts is not None
    assert sentences == []


def test_attempts_one_after_the_other_contradict_each_other_in_nothing() -> None:
    second = report(0, START + 60.0, duration_s=0.5, memory_used_mb=90.0)
    assert told([flow(), report(), second]) == (joined([flow(), report()]), [])
    (alone,), sentences = told([report(), second])
    assert (alone.end_time, sentences) == (START + 60.0, [])


def test_what_no_trace_tells_of_is_a_flow_of_the_function_that_the_audit_log_names() -> None:
    pay = report(function_name="Pay")
    (one,), (sentence,) = told([pay, invoke(time=START + 1.0), access()])
    assert (one.function_name, one.witnesses) == ("Order", ("access-log", "cloudtrail"))
    assert "as one of 'Pay', and with more right as one of 'Order'" in sentence


def test_of_reports_alone_the_first_to_name_a_function_is_believed() -> None:
    echoed = report(0, START + 3.0, function_name="Shipper", memory_used_mb=1.0)
    (one,), (sentence,) = told([report(), echoed])
    assert one.function_name == "Order"
    assert one.facts is not None
    assert one.facts.memory_used_mb == 81.0
    assert "as one of 'Shipper'" in sentence


def test_of_two_lengths_without_a_trace_the_longest_that_can_be_is_believed() -> None:
    shorter, longer = report(duration_s=0.5), report(duration_s=5.0)
    (one,), (sentence,) = told([shorter, longer, report(duration_s=LONG)])
    assert one.facts is not None
    assert one.facts.duration_ms == 5_000.0
    assert one.start_time == START + 0.05 - 5.0
    assert sentence.endswith("(and 1 more of this kind).")


def test_an_absurd_duration_alone_begins_no_earlier_than_a_run_can() -> None:
    (one,), _ = told([report(duration_s=LONG)])
    assert one.start_time == START + 0.05 - 900.0


def test_what_a_gateway_in_another_account_tells_is_no_contradiction() -> None:
    _, sentences = told([flow(), access(account="999999999999")])
    assert sentences == []


def test_a_dispute_is_told_once_whatever_lies_between() -> None:
    said = []
    for cut in range(4):
        tally = Tally()
        joining = Joining(Settings(), tally, expecting=True)
        flows: list[Any] = []
        for place, one in enumerate([flow(), report(), report(function_name="Pay")]):
            joining.push([one])
            if place == cut:
                state, joining = joining.snapshot(), Joining(Settings(), tally, expecting=True)
                joining.restore(state)
        for horizon in (START + 200.0, inf):
            flows += joining.advance(horizon)
            if cut == 3 and horizon < inf:
                state, joining = joining.snapshot(), Joining(Settings(), tally, expecting=True)
                joining.restore(state)
        said.append((flows, tally.sentences(), tally.counts))
    assert all(one == said[0] for one in said)
    assert len(said[0][1]) == 1


def test_states_from_before_hold_no_disputes() -> None:
    disputes = Disputes()
    disputes.add(1, "b")
    disputes.add(1, "a")
    kept = Disputes()
    kept.restore(disputes.state())
    assert kept.taken([(1, report()), (2, report())]) == {1: "a"}
    kept.restore({})
    assert kept.taken([(1, report())]) == {}


def test_of_a_flood_each_is_counted() -> None:
    flood = [report(duration_s=0.001 * n, memory_used_mb=float(n)) for n in range(2_000)]
    found = counts([flow(), *flood])
    assert found["reports that contradict others"] + found["reports joined to a flow"] == 2_000
    (one,) = joined(flood)
    assert one.function_flow_id == "r0"
    assert replace(one, facts=None).events == ()


@pytest.mark.parametrize("time", [START + 0.05, START + 50.0, None])
def test_a_report_of_a_time_that_no_trace_can_have_missed_is_told_and_not_believed(
    time: float | None,
) -> None:
    (one,), (sentence,) = told([flow(), report(time=time, duration_s=50.0, memory_used_mb=1.0)])
    assert one == flow()
    assert sentence == (
        "request r0: a report says that it ran far longer than its trace tells; the trace is believed."
    )


@pytest.mark.parametrize(
    ("run", "fields"),
    [
        (flow(), {"duration_s": 9.0}),
        (flow(), {"duration_s": 50.0, "status": "timeout"}),
        (flow(complete=False), {"duration_s": 50.0}),
    ],
)
def test_what_a_trace_can_have_missed_is_believed(run: Flow, fields: dict[str, Any]) -> None:
    (one,), sentences = told([run, report(**fields)])
    assert one.facts is not None
    assert (one.facts.duration_ms, sentences) == (fields["duration_s"] * 1_000.0, [])
