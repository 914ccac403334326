"""Each attack leaves its labelled events in the trace, and a flow that benign ones do not look like."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks import ATTACKS, PAPER, UNPUBLISHED, find_attacks
from coldtrail_testbed.attacks.model import Place
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud.traces import subsegments
from coldtrail_testbed.flows import Flow, flows_of
from coldtrail_testbed.recorder import record

from .conftest import Run, read_run

Runs = tuple[Run, Run]
Form = tuple[str, frozenset[str], tuple[tuple[str, ...], ...]]
Shape = tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True)
class Trail:
    """What an attack leaves in a flow, as regular expressions: its calls, and those that are labelled."""

    calls: str
    labelled: str


_PROBES = "ListUsers GetUser ListRoles ListPolicies AssumeRole AssumeRole AssumeRole"
_CONFIRMATION = "Query Query Query UpdateItem GetItem"
_TRAILS = {
    "airline": {
        "data_leakage": Trail(
            f"{_CONFIRMATION} UpdateItem GetItem PutObject", "UpdateItem GetItem PutObject"
        ),
        "repeated_operation": Trail("Query Query( PutItem){20}", "PutItem( PutItem){18}"),
        "longer_run": Trail("Query Query", "Invocation"),
        "changed_order": Trail("Query Query Query GetItem UpdateItem", "GetItem UpdateItem"),
        "other_action": Trail("Query Query UpdateItem", "UpdateItem"),
        "extra_action": Trail(f"Query {_CONFIRMATION}", "Query"),
        "lookalike_bucket": Trail("GetParameter UpdateItem PutObject", "PutObject"),
        "extra_read": Trail("Query Query", "Query"),
        "secret_read": Trail("GetParameter PutItem GetSecretValue", "GetSecretValue"),
        "denied_calls": Trail(f"{_PROBES} Query Query", _PROBES),
        "skipped_audit": Trail("GetParameter UpdateItem", "UpdateItem"),
        "lateral_invoke": Trail("Publish Invoke", "Invoke"),
        "slow_shift": Trail("StartExecution", "Invocation"),
        "drip_leak": Trail(f"{_CONFIRMATION} UpdateItem GetItem PutObject", "UpdateItem GetItem PutObject"),
        "mining": Trail("PutItem", "Invocation"),
    },
    "vod": {
        "data_leakage": Trail("Query Query Query GetItem GetItem PutObject", "GetItem PutObject"),
        "repeated_operation": Trail("Query Query( UpdateItem){20}", "UpdateItem( UpdateItem){18}"),
        "longer_run": Trail("Query Query GetJobTemplate CreateJob", "Invocation"),
        "changed_order": Trail("Query Query ListObjectsV2 GetItem", "ListObjectsV2 GetItem"),
        "extra_action": Trail("Query Query Query Query GetItem", "Query"),
        "lookalike_bucket": Trail("GetObject PutObject SendEmail GetObject PutObject", "GetObject PutObject"),
        "extra_read": Trail("Query Query GetItem ListObjectsV2 GetItem", "GetItem"),
        "secret_read": Trail("Publish GetSecretValue", "GetSecretValue"),
        "denied_calls": Trail(f"{_PROBES} Query HeadObject GetObject( GetObject)?", _PROBES),
        "skipped_audit": Trail("GetParameter PutObjectTagging", "PutObjectTagging"),
        "lateral_invoke": Trail("GetParameter( GetObject HeadObject)? Invoke", "Invoke"),
        "slow_shift": Trail("SendMessage", "Invocation"),
        "drip_leak": Trail("Query Query Query GetItem GetItem PutObject", "GetItem PutObject"),
        "mining": Trail("StartExecution", "Invocation"),
    },
}
_PLACED = [(application, attack) for application, trails in _TRAILS.items() for attack in trails]
# Only their time tells these from benign flows: see the tests of durations.
_ONLY_SLOWER = {"longer_run", "mining"}
# The labelled calls of these are ordinary ones, which may fail as ordinary ones do.
_NOTHING_NEW = {"changed_order", "skipped_audit"}


def _flows(run: Run) -> dict[str, Flow]:
    return {flow.id: flow for trace in run.traces for flow in flows_of(trace)}


def _shape(flow: Flow) -> Shape:
    return tuple((call.service, call.operation, call.resource) for call in flow.calls)


def _operations(flow: Flow) -> str:
    return " ".join(call.operation for call in flow.calls)


def _named(flow: Flow, event_ids: list[str]) -> str:
    names = {flow.invocation_id: "Invocation"} | {call.event_id: call.operation for call in flow.calls}
    return " ".join(names[event_id] for event_id in event_ids)


def _attacked(run: Run, attack: str) -> list[tuple[Flow, list[str]]]:
    flows = _flows(run)
    found = [(flows[x["function_flow_id"]], x["event_ids"]) for x in run.labels if x["attack"] == attack]
    infected = ATTACKS[attack].places[run.summary.application].function
    return [(flow, event_ids) for flow, event_ids in found if flow.function == infected]


def _benign_shapes(runs: Runs, function: str) -> set[Shape]:
    benign, attacked = runs
    labelled = {label["function_flow_id"] for label in attacked.labels}
    flows = [*_flows(benign).values(), *_flows(attacked).values()]
    return {_shape(flow) for flow in flows if flow.function == function and flow.id not in labelled}


@pytest.fixture(scope="module")
def runs(benign_run: Run, attacked_run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Runs]:
    """The benign and the attacked run of each application."""
    folder = tmp_path_factory.mktemp("vod")
    benign = read_run(record("vod", 6, 13, ["none"], folder / "benign"))
    # Not the burst at night: the timed events of a day until then would take most of the test's time.
    names = [attack.name for attack in find_attacks(["all"], "vod") if attack.name != "off_hours_burst"]
    attacked = read_run(record("vod", 14, 14, names, folder / "attacked", attack_share=0.6))
    return {"airline": (benign_run, attacked_run), "vod": (benign, attacked)}


def test_six_attacks_are_the_papers_and_twelve_are_new() -> None:
    assert (len(PAPER), len(UNPUBLISHED)) == (6, 12)
    assert len(ATTACKS) == 18


def test_the_documentation_describes_each_attack() -> None:
    text = (Path(__file__).parents[3] / "docs" / "testbed.md").read_text(encoding="utf-8")
    assert [name for name in ATTACKS if f"\n| `{name}` |" not in text] == []


@pytest.mark.parametrize("application", _TRAILS)
def test_each_attack_inside_a_function_has_its_trail_here(application: str) -> None:
    attacks = find_attacks(["all"], application)
    inside = {attack.name for attack in attacks if isinstance(attack.places[application], Place)}
    assert inside == set(_TRAILS[application])


@pytest.mark.parametrize(("application", "attack"), _PLACED)
def test_the_infected_function_really_behaves_differently(
    runs: dict[str, Runs], application: str, attack: str
) -> None:
    flows = [flow for flow, _ in _attacked(runs[application][1], attack)]
    assert any(re.fullmatch(_TRAILS[application][attack].calls, _operations(flow)) for flow in flows)


@pytest.mark.parametrize(("application", "attack"), _PLACED)
def test_labels_name_the_injected_events(runs: dict[str, Runs], application: str, attack: str) -> None:
    for flow, event_ids in _attacked(runs[application][1], attack):
        assert re.fullmatch(_TRAILS[application][attack].labelled, _named(flow, event_ids))
        assert len(set(event_ids)) == len(event_ids)


@pytest.mark.parametrize(("application", "attack"), _PLACED)
def test_an_attacked_flow_differs_from_every_benign_one_or_cannot_by_nature(
    runs: dict[str, Runs], application: str, attack: str
) -> None:
    place = ATTACKS[attack].places[application]
    benign = _benign_shapes(runs[application], place.function)
    shapes = [_shape(flow) for flow, _ in _attacked(runs[application][1], attack)]
    alike = sum(shape in benign for shape in shapes)
    if place.same_as_benign or attack in _ONLY_SLOWER:
        assert alike == len(shapes)
    else:
        assert alike == 0


def _seconds(run: Run, attack: str, function: str) -> tuple[list[float], list[float]]:
    """The durations of the function's flows with the attack, and of those with no attack."""
    labels = {label["function_flow_id"]: label["attack"] for label in run.labels}
    with_it, without = [], []
    for segment in run.segments("AWS::Lambda::Function"):
        if segment["name"] == function:
            seconds = segment["end_time"] - segment["start_time"]
            if labels.get(segment["id"]) == attack:
                with_it.append(seconds)
            elif segment["id"] not in labels:
                without.append(seconds)
    return with_it, without


def test_a_longer_run_lasts_four_to_five_seconds_longer(attacked_run: Run) -> None:
    slow, ordinary = _seconds(attacked_run, "longer_run", "CollectPayment")
    assert all(4 <= seconds <= 8 for seconds in slow)
    assert max(ordinary) < 4


def test_mining_takes_ten_to_twenty_five_seconds_of_computing(attacked_run: Run) -> None:
    mining, ordinary = _seconds(attacked_run, "mining", "IngestLoyalty")
    assert all(10 <= seconds <= 26 for seconds in mining)
    assert max(ordinary) < 1


def test_leaks_go_to_the_public_bucket_and_copies_to_the_attackers(attacked_run: Run) -> None:
    buckets = {"data_leakage": "public-airline-assets", "lookalike_bucket": "airline-payment-audlt"}
    for attack, bucket in buckets.items():
        for flow, _ in _attacked(attacked_run, attack):
            assert (flow.calls[-1].service, flow.calls[-1].resource) == ("s3", bucket)


def test_repeated_operations_end_in_the_cancel_path(attacked_run: Run) -> None:
    repeated = {flow.id for flow, _ in _attacked(attacked_run, "repeated_operation")}
    for trace in attacked_run.traces:
        names = Counter(flow.function for flow in flows_of(trace))
        if any(flow.id in repeated for flow in flows_of(trace)):
            assert names["CancelBooking"] == 1
            assert names["ConfirmBooking"] == 0


@pytest.mark.parametrize(("application", "started"), [("airline", "IngestLoyalty"), ("vod", "sqs-publish")])
def test_what_a_lateral_invoke_starts_is_labelled_too(
    runs: dict[str, Runs], application: str, started: str
) -> None:
    _, run = runs[application]
    invokes = {event_id for _, event_ids in _attacked(run, "lateral_invoke") for event_id in event_ids}
    attacks = {label["function_flow_id"]: label["attack"] for label in run.labels}
    flows = [flow for flow in _flows(run).values() if flow.caller in invokes]
    assert flows
    assert {flow.function for flow in flows} == {started}
    assert all(flow.id in attacks for flow in flows)
    assert any(attacks[flow.id] == "lateral_invoke" for flow in flows)


@pytest.mark.parametrize(
    ("application", "attack"),
    [("airline", "unusual_caller"), ("airline", "off_hours_burst"), ("vod", "unusual_caller")],
)
def test_campaigns_leave_ordinary_flows_that_are_labelled(
    runs: dict[str, Runs], application: str, attack: str
) -> None:
    function = ATTACKS[attack].places[application].function
    attacked = _attacked(runs[application][1], attack)
    assert len(attacked) >= 20
    assert {_named(flow, event_ids) for flow, event_ids in attacked} == {"Invocation"}
    shapes = {_shape(flow) for flow, _ in attacked}
    assert shapes & _benign_shapes(runs[application], function)


@pytest.mark.parametrize("application", _TRAILS)
def test_stolen_credentials_show_in_no_flow(runs: dict[str, Runs], application: str) -> None:
    assert not any(label["attack"] == "stolen_credentials" for label in runs[application][1].labels)


def test_only_the_infected_function_may_do_more() -> None:
    airline = find_application("airline")
    plan = AttackPlan(find_attacks(["data_leakage", "drip_leak"], "airline"), "airline", 0.1, 1)
    grown = {
        after.name: set(after.grants) - set(before.grants)
        for before, after in zip(airline.functions, plan.infect(airline).functions, strict=True)
    }
    leak = Grant(("s3:PutObject",), "arn:aws:s3:::public-airline-assets/*")
    assert {name: grants for name, grants in grown.items() if grants} == {"ConfirmBooking": {leak}}


def _failed_events(run: Run) -> set[str]:
    parts = [part for origin in run.segments("AWS::Lambda::Function") for part in subsegments(origin)]
    return {part["id"] for part in parts if part.get("error") or part.get("fault")}


@pytest.mark.parametrize(("application", "attack"), [pair for pair in _PLACED if pair[1] not in _NOTHING_NEW])
def test_what_attacks_do_succeeds_but_for_what_is_denied(
    runs: dict[str, Runs], application: str, attack: str
) -> None:
    _, run = runs[application]
    injected = {
        event_id
        for flow, event_ids in _attacked(run, attack)
        for event_id in event_ids
        if event_id != flow.invocation_id
    }
    assert injected & _failed_events(run) == (injected if attack == "denied_calls" else set())


def _forms(run: Run, labels: dict[str, list[str]]) -> set[Form]:
    """The forms of all events of the flows in `labels`, but for the labelled events."""
    named = {event_id for event_ids in labels.values() for event_id in event_ids}
    return {
        (_kind(part), frozenset(part), _files(part))
        for segment in run.segments("AWS::Lambda::Function")
        if segment["id"] in labels
        for part in (segment, *subsegments(segment))
        if part["id"] not in named
    }


def _kind(part: dict[str, Any]) -> str:
    if "origin" in part:
        return "function"
    return "step" if part["name"].startswith("##") else str(part["name"])


def _files(part: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The files in the stack of each exception, a function's own one by a name that all functions share."""
    exceptions = part["cause"]["exceptions"] if "cause" in part else []
    return tuple(tuple(sorted({_file(frame["path"]) for frame in one["stack"]})) for one in exceptions)


def _file(path: str) -> str:
    own = {
        function.handler.split(".")[-2] for name in _TRAILS for function in find_application(name).functions
    }
    return str(Path(path).parent / "own.py") if Path(path).stem in own else path


@pytest.mark.parametrize(("application", "attack"), _PLACED)
def test_nothing_but_the_labelled_events_has_a_form_of_its_own(
    runs: dict[str, Runs], application: str, attack: str
) -> None:
    _, attacked = runs[application]
    labelled = {label["function_flow_id"] for label in attacked.labels}
    ordinary = {
        form
        for run in (run for pair in runs.values() for run in pair)
        for form in _forms(run, {identifier: [] for identifier in _flows(run) if identifier not in labelled})
    }
    flows = {flow.id: event_ids for flow, event_ids in _attacked(attacked, attack)}
    # Runs this short do not come down every path: an ordinary call of a rare one proves nothing.
    known = {kind for kind, _, _ in ordinary}
    assert {form for form in _forms(attacked, flows) if form[0] in known} - ordinary == set()


def test_the_same_seed_gives_the_same_attacks(tmp_path: Path) -> None:
    attacks = [name for name in UNPUBLISHED if name != "off_hours_burst"]
    for name in ("one", "two"):
        record("airline", 4, 3, attacks, tmp_path / name, attack_share=1)
    for file in ("traces.jsonl.gz", "labels.jsonl"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert (tmp_path / "one" / "labels.jsonl").read_bytes()
