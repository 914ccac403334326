"""Each attack leaves its labelled events in the trace, and a flow that benign ones do not look like."""

from collections import Counter

import pytest

from coldtrail_testbed.attacks import ATTACKS, PAPER
from coldtrail_testbed.flows import Flow, flows_of

from .conftest import Run

_NORMAL = {
    "ReserveBooking": ["Query", "Query", "PutItem"],
    "CollectPayment": ["Query", "Query"],
    "ConfirmBooking": ["Query", "Query", "Query", "UpdateItem", "GetItem"],
}
_ATTACKED = {
    "data_leakage": [*_NORMAL["ConfirmBooking"], "UpdateItem", "GetItem", "PutObject"],
    "repeated_operation": ["Query", "Query", *["PutItem"] * 20],
    "longer_run": _NORMAL["CollectPayment"],
    "changed_order": ["Query", "Query", "Query", "GetItem", "UpdateItem"],
    "other_action": ["Query", "Query", "UpdateItem"],
    "extra_action": ["Query", *_NORMAL["ConfirmBooking"]],
}
_LABELLED = {
    "data_leakage": ["UpdateItem", "GetItem", "PutObject"],
    "repeated_operation": ["PutItem"] * 19,
    "longer_run": [],
    "changed_order": ["GetItem", "UpdateItem"],
    "other_action": ["UpdateItem"],
    "extra_action": ["Query"],
}


def _flows(run: Run) -> dict[str, Flow]:
    return {flow.id: flow for trace in run.traces for flow in flows_of(trace)}


def _operations(flow: Flow) -> list[str]:
    return [call.operation for call in flow.calls]


def _attacked(run: Run, attack: str) -> list[tuple[Flow, list[str]]]:
    flows = _flows(run)
    found = [
        (flows[label["function_flow_id"]], label["event_ids"])
        for label in run.labels
        if label["attack"] == attack
    ]
    # A benign failure may follow on an attack; what the attack itself does is looked at without it.
    return [pair for pair in found if _operations(pair[0])[-1:] != ["Query"] or attack == "longer_run"]


def test_all_of_the_papers_attacks_are_known() -> None:
    assert set(PAPER) == set(_ATTACKED) < set(ATTACKS)


@pytest.mark.parametrize("attack", PAPER)
def test_the_infected_function_really_behaves_differently(attacked_run: Run, attack: str) -> None:
    attacked = _attacked(attacked_run, attack)
    assert attacked
    for flow, _ in attacked:
        assert flow.function == ATTACKS[attack].places["airline"].function
        assert _operations(flow) == _ATTACKED[attack]


@pytest.mark.parametrize("attack", PAPER)
def test_labels_name_the_injected_events(attacked_run: Run, attack: str) -> None:
    for flow, event_ids in _attacked(attacked_run, attack):
        by_id = {call.event_id: call.operation for call in flow.calls}
        if attack == "longer_run":
            assert event_ids == [flow.invocation_id]
        else:
            assert [by_id[event_id] for event_id in event_ids] == _LABELLED[attack]
        assert len(set(event_ids)) == len(event_ids)


def test_a_longer_run_lasts_four_to_five_seconds_longer(attacked_run: Run) -> None:
    slow = {label["function_flow_id"] for label in attacked_run.labels if label["attack"] == "longer_run"}
    for segment in attacked_run.segments("AWS::Lambda::Function"):
        if segment["name"] == "CollectPayment":
            seconds = segment["end_time"] - segment["start_time"]
            assert (4 <= seconds <= 8) if segment["id"] in slow else seconds < 4


def test_leaks_go_to_the_public_bucket(attacked_run: Run) -> None:
    for flow, _ in _attacked(attacked_run, "data_leakage"):
        assert (flow.calls[-1].service, flow.calls[-1].resource) == ("s3", "public-airline-assets")


def test_repeated_operations_end_in_the_cancel_path(attacked_run: Run) -> None:
    repeated = {
        label["function_flow_id"] for label in attacked_run.labels if label["attack"] == "repeated_operation"
    }
    for trace in attacked_run.traces:
        names = Counter(flow.function for flow in flows_of(trace))
        if any(flow.id in repeated for flow in flows_of(trace)):
            assert names["CancelBooking"] == 1
            assert names["ConfirmBooking"] == 0


def test_unlabelled_flows_are_normal_or_fail_early(benign_run: Run, attacked_run: Run) -> None:
    labelled = {label["function_flow_id"] for label in attacked_run.labels}
    flows = {**_flows(benign_run), **_flows(attacked_run)}
    for identifier, flow in flows.items():
        if flow.function in _NORMAL and identifier not in labelled:
            queries = _NORMAL[flow.function].count("Query")
            assert _operations(flow) in (_NORMAL[flow.function], ["Query"] * queries)
