"""Each measure on small made-up runs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random

import pytest

from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import taught
from benchmarks.quality.measures import gaps, new_function, poisoning, release, sensitivity
from benchmarks.quality.plan import PARTS, needed, runs_of
from benchmarks.quality.reading import Read, Window, read
from benchmarks.quality.reviewing import reviewed
from benchmarks.quality.runs import KINDS
from benchmarks.recorded import Run
from coldtrail.learning.evaluate import Label
from coldtrail.testing import START, make_history, make_key
from tests.benchmarks.quality.small_runs import SEEDS, case
from tests.fixtures.telemetry import as_answered, traces
from tests.verbs.telemetry_files import stolen


def test_all_runs_of_a_case_begin_on_the_day_after_what_is_learned() -> None:
    one = case(Path("runs"), 501)
    judged = {kind: one.run(kind) for kind in ("paper", *KINDS)}
    assert {run.seed % 365 for run in judged.values()} == {(one.run("learn").seed + 1) % 365}
    assert len({run.seed for run in judged.values()}) == len(judged)
    assert len({run.folder for run in judged.values()}) == len(judged)


def test_parts_name_the_runs_they_need(tmp_path: Path) -> None:
    assert needed(["attacks", "bars"]) == ["unpublished", "paper", "release"]
    assert needed(["speed"]) == []
    found = runs_of(case(tmp_path), needed(PARTS))
    assert {run.folder.name for run in found} == {
        f"airline-{kind}-{SEEDS[0]}" for kind in ("learn", "paper", *KINDS)
    }


def test_a_new_function_keeps_its_last_flows_alone() -> None:
    flows = make_history(80) + make_history(70, function="Pay", prefix="p")
    left = new_function.shortened(flows, "Pay", 50)
    assert [flow for flow in left if flow.function_name == "Order"] == flows[:80]
    assert [flow for flow in left if flow.function_name == "Pay"] == flows[100:]


def test_each_attacked_function_is_the_new_one_in_turn(recorded: Path) -> None:
    judged = read(case(recorded).run("paper"))
    attacked = {flow.function_name for flow in judged.flows if flow.function_flow_id in judged.labels}
    result = new_function.measure(case(recorded))
    assert set(result.found) == set(result.false) == attacked
    assert new_function.overall(result).whole == len(judged.labels)


def test_hidden_attacks_come_from_other_seeds_and_lie_among_what_is_learned(recorded: Path) -> None:
    learned = read(case(recorded).run("learn")).flows
    attacked = poisoning.attacked_flows(case(recorded), "mining")
    assert {flow.function_flow_id for flow in attacked} == set(read(case(recorded, 4).run("paper")).labels)
    hidden = poisoning.spread(attacked, learned, 12, Random(1))
    assert len({flow.function_flow_id for flow in hidden}) == 12
    assert all(learned[0].start_time <= flow.start_time <= learned[-1].start_time for flow in hidden)


def test_poisoning_hides_each_share(recorded: Path) -> None:
    result = poisoning.measure(case(recorded))
    assert set(result.clean) == {"mining"}
    assert [one.hidden for one in result.results] == [1, 2, 4]
    assert all(one.found.whole == 5 for one in result.results)


def test_what_is_lost_is_the_share_asked_for() -> None:
    trace = as_answered(next(traces(1, seed=5)))
    assert gaps.lose_segments(trace, 1.0, Random(1))["Segments"] == []
    assert gaps.lose_segments(trace, 0.0, Random(1)) == trace
    assert calls_in(gaps.lose_subsegments(trace, 0.0, Random(1))) == calls_in(trace) > 0
    assert calls_in(gaps.lose_subsegments(trace, 1.0, Random(1))) == 0


def calls_in(trace: dict[str, list[dict[str, str]]]) -> int:
    documents = [json.loads(one["Document"]) for one in trace["Segments"]]
    own = [one for one in documents if one["origin"] == "AWS::Lambda::Function"]
    phases = [phase for one in own for phase in one["subsegments"]]
    return sum(len(phase.get("subsegments", [])) for phase in phases)


def test_gaps_are_judged_sampled_and_lost(recorded: Path) -> None:
    result = gaps.measure(case(recorded))
    kinds = {(one.kind, one.share) for one in result.results}
    assert ("traces sampled", 1.0) in kinds
    assert ("calls lost, in both", 0.05) in kinds
    whole = next(one for one in result.results if one.share == 1.0)
    assert all(one.learned <= whole.learned for one in result.results)


def test_sizes_beyond_the_history_are_left_out(recorded: Path) -> None:
    points = sensitivity.measure(case(recorded)).points
    assert {one.flows for one in points} == {100, 300}
    assert all(one.refused or one.found.whole == 5 for one in points)
    assert any(one.remark for one in points)


def test_an_update_sees_calm_flows_up_to_the_fiftieth_of_the_new_version() -> None:
    flows = make_history(200)
    label = Label(flows[60].function_flow_id, "mining")
    window = Window(flows[30].start_time, None, ("Order",))
    seen, later = release.divided(Read(flows, {label.function_flow_id: label}), window)
    assert len(seen) <= release.FLOWS
    assert flows[60] not in seen
    assert seen[0] == flows[30]
    assert later[0].start_time > seen[-1].start_time


def test_a_release_with_too_few_runs_is_no_release() -> None:
    flows = make_history(40)
    with pytest.raises(SystemExit, match="40 times only"):
        release.divided(Read(flows, {}), Window(flows[0].start_time, None, ("Order",)))


def test_the_wanted_traces_alone_are_written(recorded: Path, tmp_path: Path) -> None:
    run: Run = case(recorded).run("learn")
    wanted = {flow.application_flow_id for flow in read(run).flows[:3]}
    release.write_traces(run.traces, wanted, tmp_path / "some.jsonl.gz")
    with gzip.open(tmp_path / "some.jsonl.gz") as file:
        assert {json.loads(line)["Id"] for line in file} == wanted


def test_what_a_person_sees_to_be_an_attack_is_struck_out() -> None:
    hidden = [stolen(f"s{i}", START + 900.0 * i) for i in range(4)]
    flows = sorted([*make_history(400), *hidden], key=lambda flow: flow.start_time)
    model = taught(flows)
    assert model.judge([stolen("next")])[0].verdict == "normal"
    found = reviewed(flows, {flow.function_flow_id for flow in hidden}, model.history)
    assert found is not None
    assert found.listed == Rate(4, 4)
    assert found.entries >= 1
    assert found.model.judge([stolen("next")])[0].verdict == "anomalous"
    assert found.model.learned[make_key()] == 400


def test_what_is_no_attack_stays() -> None:
    flows = make_history(400)
    found = reviewed(flows, {"absent"}, taught(flows).history)
    assert found is not None
    assert found.listed == Rate(0, 1)
    assert found.model.learned[make_key()] == 400
    assert reviewed(flows, set(), None) is None


def test_poisoning_tells_what_reviewing_gives(recorded: Path) -> None:
    point = poisoning.poisoned(case(recorded), "mining", 0.01)
    assert point.reviewed is not None
    assert point.reviewed.whole == 5
    assert point.listed is not None
    assert point.listed.whole == point.hidden
