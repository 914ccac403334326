"""One run is judged the same in whatever format it is written, and no worse with witnesses beside."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.learning.train import learn
from coldtrail.pipeline import JudgingAlone
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.verbs.reading import read_flows
from coldtrail_testbed.recorded import recorded_run
from coldtrail_testbed.recorder import record

XRAY, OTLP, SPANS = "traces.jsonl.gz", "otlp.jsonl.gz", "aws_spans.jsonl.gz"
REPORTS, LINES, INSIGHTS = "lambda_platform.jsonl.gz", "lambda_reports.jsonl.gz", "lambda_insights.jsonl.gz"
TRAIL, GATEWAY = "cloudtrail", "api_gateway_access.jsonl.gz"
BESIDE: Mapping[str, Sequence[str]] = {
    "cloudtrail": (TRAIL,),
    "lambda-report": (REPORTS, LINES),
    "lambda-insights": (INSIGHTS,),
    "access-log": (GATEWAY,),
}
"""What may lie beside traces, by the format that tells of it."""
NO_GATEWAY = ("vod",)
"""Applications of which gateways log nothing."""
CLOCK_S = 2e-6
"""X-Ray's times are seconds, those of spans nanoseconds."""
MOST_CHILDREN = 10
"""Of one step: the time of its own is off by the clocks of all of them."""
MOST_OTHERWISE = 0.005
"""The share of runs that what native events leave out may let be judged otherwise."""
USERS = {"airline": 12, "vod": 20}


@dataclass(frozen=True)
class Recorded:
    """A folder with every format, and the ids of its attacked flows."""

    folder: Path
    attacked: frozenset[str]

    def read(self, *names: str) -> list[Flow]:
        """The flows of some of its files."""
        return read([self.folder / name for name in names])


def read(paths: Sequence[Path], format_name: str = "auto") -> list[Flow]:
    """The flows of files, by id; every document is usable."""
    reading = read_flows(paths, Settings(), format_name)
    flows = sorted(reading.flows, key=lambda flow: flow.function_flow_id)
    assert reading.tally.lost == 0
    return flows


@cache
def history_of(application: str) -> list[Flow]:
    """The recorded benign run, of the version that runs here."""
    flows = read_flows([recorded_run(f"{application}-benign")], Settings(), "xray").flows
    return [replace(flow, version="1") for flow in flows]


@cache
def learned(application: str) -> Model:
    """What the recorded benign run teaches."""
    return learn(history_of(application), Settings()).model


def record_into(folder: Path, application: str, users: int) -> Recorded:
    """An attacked run with every format."""
    record(application, users, 7, ["paper"], folder, attack_share=0.1, telemetry=["all"])
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return Recorded(folder, frozenset(json.loads(line)["function_flow_id"] for line in lines))


def judged(model: Model, flows: Sequence[Flow]) -> dict[str, tuple[str, float]]:
    """Verdict and score by flow."""
    verdicts = [one.verdict for one in JudgingAlone(model, Tally()).judge(flows)[0]]
    return {one.function_flow_id: (one.verdict, one.score) for one in verdicts}


def without_clock(flow: Flow) -> Flow:
    """The flow but for its times, the spelling of its trace's id, and who tells of it."""
    events = tuple(replace(event, start_time=0.0, end_time=0.0, witness="") for event in flow.events)
    return replace(
        flow, application_flow_id=flow.application_flow_id.removeprefix("1-").replace("-", ""),
        start_time=0.0, end_time=0.0, events=events, self_times=(), own_time=0.0, witnesses=(),
    )  # fmt: skip


def in_native(flows: Sequence[Flow], path: Path) -> list[Flow]:
    """The flows as they are read again, written as native telemetry, one event a line."""
    whole = ("application_name", "application_flow_id", "function_name", "function_flow_id", "trigger")
    whole += ("caller", "invocation_type", "version", "account", "region", "cold_start", "request_id")
    lines = []
    for flow in flows:
        told = {key: getattr(flow, key) for key in whole}
        for event in flow.events:
            lines += [json.dumps({key: getattr(event, key) for key in event.__struct_fields__} | told)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read([path], "native")


def hold_formats_alike(application: str, recorded: Recorded) -> None:
    """Every format tells the same flows, with the ids of their requests and their versions."""
    model, xray = learned(application), recorded.read(XRAY)
    assert all(flow.request_id and flow.version == "1" for flow in xray)
    usual = judged(model, xray)
    attacks = Counter(usual[one][0] for one in recorded.attacked)
    assert attacks["anomalous"] >= 0.8 * attacks.total() > 0
    for flows in (recorded.read(OTLP), recorded.read(SPANS)):
        assert [without_clock(flow) for flow in flows] == [without_clock(flow) for flow in xray]
        for one, other in zip(flows, xray, strict=True):
            assert one.start_time == pytest.approx(other.start_time, abs=CLOCK_S)
            assert one.self_times == pytest.approx(other.self_times, abs=MOST_CHILDREN * CLOCK_S)
        hold_verdicts_alike(judged(model, flows), usual)


def hold_native_alike(application: str, recorded: Recorded, folder: Path) -> None:
    """Native events tell the same steps. They tell no start, end or failure of a run but those of its steps:
    learned and judged in them, attacks are found as before, and of other runs hardly any is judged otherwise.
    """
    xray = recorded.read(XRAY)
    native = in_native(xray, folder / "run.jsonl")
    assert [_steps(flow) for flow in native] == [_steps(flow) for flow in xray]
    model = learn(in_native(history_of(application), folder / "history.jsonl"), Settings()).model
    verdicts, usual = judged(model, native), judged(learned(application), xray)
    others = [one for one in usual if verdicts[one][0] != usual[one][0]]
    assert recorded.attacked.isdisjoint(others)
    assert len(others) <= MOST_OTHERWISE * len(usual)


def _steps(flow: Flow) -> Flow:
    return replace(flow, start_time=0.0, end_time=0.0, self_times=(), own_time=0.0, error=False, witnesses=())


def hold_verdicts_alike(
    some: Mapping[str, tuple[str, float]], usual: Mapping[str, tuple[str, float]]
) -> None:
    """The same flows get the same verdicts, and scores that only clocks tell apart."""
    assert {id_: verdict for id_, (verdict, _) in some.items()} == {
        id_: verdict for id_, (verdict, _) in usual.items()
    }
    for id_, (_, score) in some.items():
        assert score == pytest.approx(usual[id_][1], rel=1e-3, abs=1e-3)


def hold_facts_gained(application: str, recorded: Recorded, traces: str, beside: Sequence[str]) -> None:
    """Witnesses beside traces add facts to flows, and change no step and no verdict."""
    model, alone = learned(application), recorded.read(traces)
    flows = recorded.read(traces, *(file for name in beside for file in BESIDE[name]))
    told = [replace(flow, facts=None, witnesses=()) for flow in flows]
    assert told == [replace(flow, witnesses=()) for flow in alone]
    assert judged(model, flows) == judged(model, alone)
    for name in beside:
        assert any(name in flow.witnesses for flow in flows)
    for flow in flows:
        assert flow.facts is not None
        assert flow.facts.version == flow.version
        assert not flow.facts.unseen


@pytest.fixture(scope="module")
def airline(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A small attacked run of the airline."""
    return record_into(tmp_path_factory.mktemp("verdicts") / "run", "airline", USERS["airline"])


def test_formats_tell_the_same_flows_and_verdicts(airline: Recorded) -> None:
    hold_formats_alike("airline", airline)


def test_native_events_tell_the_same_steps_and_attacks(airline: Recorded, tmp_path: Path) -> None:
    hold_native_alike("airline", airline, tmp_path)


@pytest.mark.parametrize("traces", [XRAY, OTLP])
@pytest.mark.parametrize("beside", [("lambda-report",), ("cloudtrail",), tuple(BESIDE)])
def test_witnesses_beside_traces_add_facts_and_change_no_verdict(
    airline: Recorded, traces: str, beside: Sequence[str]
) -> None:
    hold_facts_gained("airline", airline, traces, beside)


@pytest.mark.long
@pytest.mark.parametrize("application", ["airline", "vod"])
def test_the_same_of_longer_runs_of_both_applications(application: str, tmp_path: Path) -> None:
    recorded = record_into(tmp_path / "run", application, 3 * USERS[application])
    hold_formats_alike(application, recorded)
    hold_native_alike(application, recorded, tmp_path)
    beside = [name for name in BESIDE if name != "access-log" or application not in NO_GATEWAY]
    for traces in (XRAY, OTLP, SPANS):
        hold_facts_gained(application, recorded, traces, beside)
