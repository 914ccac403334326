"""Calls that go on where the last one ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from coldtrail.assembly.watermark import LEAST_BELIEVED
from coldtrail.errors import BundleError, ConfigError
from coldtrail.records.flow import Flow
from coldtrail.records.stage import State
from coldtrail.store.state import STATE
from coldtrail.testing import START, make_flow, make_history
from coldtrail.verbs.earlier import Earlier
from coldtrail.verbs.scoring import ScoreSummary, score
from coldtrail.verbs.training import train
from tests.contracts.streams import Piece, lived
from tests.detectors.drift.lives import life
from tests.fixtures.telemetry import ACCOUNT, traces
from tests.verbs.telemetry_files import USUAL, native_lines, read_lines, stolen, write_native


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of an invented life."""
    folder = tmp_path_factory.mktemp("lives")
    train(write_native(folder / "history.jsonl", life(8)), folder / "bundle")
    return folder / "bundle"


class Told:
    """The last word on everything that calls told."""

    def __init__(self) -> None:
        self.verdicts: dict[str, dict[str, Any]] = {}
        self.alerts: dict[str, dict[str, Any]] = {}
        self.shifts: dict[str, Any] = {}
        self.lines: list[bytes] = []

    def take(self, folder: Path, summary: ScoreSummary) -> None:
        self.lines += (folder / "verdicts.jsonl").read_bytes().splitlines()
        for line in read_lines(folder / "verdicts.jsonl"):
            line.pop("revised", None)
            if line.get("withdrawn"):
                del self.verdicts[line["function_flow_id"]]
                continue
            self.verdicts[line["function_flow_id"]] = line
        for line in read_lines(folder / "alerts.jsonl"):
            if line.get("withdrawn"):
                del self.alerts[line["id"]]
            else:
                self.alerts[line["id"]] = line
        self.shifts |= {shift.id: shift for shift in summary.shifts}
        for name in summary.withdrawn_shifts:
            del self.shifts[name]


def _called(folder: Path, bundle: Path, parts: Sequence[Sequence[bytes]], *, state: bool = True) -> Told:
    told = Told()
    for part in parts:
        (folder / "in.jsonl").write_bytes(b"\n".join(part) + b"\n")
        summary = score(
            bundle,
            folder / "in.jsonl",
            folder / "verdicts.jsonl",
            alerts=folder / "alerts.jsonl",
            state=folder / "state" if state else None,
        )
        told.take(folder, summary)
    return told


def _by_trace(pieces: Sequence[Piece]) -> list[bytes]:
    """The documents, those of a trace one after another, by the start of the trace."""
    first: dict[str, float] = {}
    for piece in pieces:
        first.setdefault(piece.trace, piece.start)
    return [one.document.payload for one in sorted(pieces, key=lambda one: (first[one.trace], one.trace))]


@pytest.mark.parametrize("seed", range(3))
def test_calls_over_parts_tell_what_one_call_over_all_does(lives: Path, tmp_path: Path, seed: int) -> None:
    lines = [piece.document.payload for piece in lived(3, 5).pieces]
    random = Random(seed)
    cuts = sorted(random.randrange(1, len(lines)) for _ in range(1 + seed))
    parts = [lines[first:end] for first, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    (tmp_path / "one").mkdir()
    whole = _called(tmp_path / "one", lives, [lines], state=False)
    told = _called(tmp_path, lives, parts)
    assert told.verdicts == whole.verdicts
    assert told.alerts == whole.alerts
    assert told.shifts == whole.shifts
    assert {"silence"} <= {shift.measure for shift in whole.shifts.values()}


def test_parts_cut_between_traces_write_the_very_lines_of_one_call(lives: Path, tmp_path: Path) -> None:
    lines = _by_trace(lived(5, 4).pieces)
    traces = [json.loads(line)["application_flow_id"] for line in lines]
    cut = next(i for i in range(len(lines) // 2, len(lines)) if traces[i] != traces[i - 1])
    (tmp_path / "one").mkdir()
    whole = _called(tmp_path / "one", lives, [lines], state=False)
    told = _called(tmp_path, lives, [lines[:cut], lines[cut:]])
    assert sorted(told.lines) == sorted(whole.lines)


def test_a_flow_is_written_again_only_if_it_grew(bundle: Path, tmp_path: Path) -> None:
    flows = make_history(30, seed=6, prefix="n")
    last = native_lines(flows[-1:])
    first = score(bundle, _file(tmp_path, flows[:-1], last[:2]), tmp_path / "a", state=tmp_path / "s")
    assert first.flows == 30
    again = score(bundle, _file(tmp_path, [], last[:2]), tmp_path / "b", state=tmp_path / "s")
    assert (again.flows, again.tally.counts["flows told before"]) == (0, 4)
    assert read_lines(tmp_path / "b") == []
    grown = score(bundle, _file(tmp_path, [], last[2:]), tmp_path / "c", state=tmp_path / "s")
    assert grown.flows == 1
    (line,) = read_lines(tmp_path / "c")
    assert (line["function_flow_id"], line["revised"]) == (flows[-1].function_flow_id, True)


def _file(folder: Path, flows: Sequence[Flow], more: Sequence[bytes] = ()) -> Path:
    path = folder / "in.jsonl"
    path.write_bytes(b"\n".join([*native_lines(flows), *more]) + b"\n")
    return path


def test_an_alert_comes_again_only_if_it_grew_with_its_whole_count(bundle: Path, tmp_path: Path) -> None:
    def at(hours: float, *flows: Flow) -> ScoreSummary:
        usual = make_history(5, seed=int(hours), prefix=f"h{hours}-")
        moved = [make_flow(USUAL, flow_id=one.function_flow_id, start=START + 3600 * hours) for one in usual]
        return score(bundle, _file(tmp_path, [*moved, *flows]), tmp_path / "out", state=tmp_path / "s")

    (first,) = at(1, stolen("one", START + 3600)).alerts
    assert at(2).alerts == []
    (grown,) = at(3, stolen("two", START + 3 * 3600)).alerts
    assert (grown.id, grown.count, grown.first_seen) == (first.id, 2, first.first_seen)
    assert grown.last_seen > first.last_seen


def test_what_earlier_calls_were_given_counts_once(bundle: Path, tmp_path: Path) -> None:
    flows = [*make_history(60, seed=6, prefix="n"), stolen("one", START + 20)]
    first = score(bundle, _file(tmp_path, flows), tmp_path / "out", state=tmp_path / "s").alerts
    more = make_history(90, seed=6, prefix="n")
    again = score(bundle, _file(tmp_path, [*more, *flows[-1:]]), tmp_path / "out", state=tmp_path / "s")
    assert again.flows == 30
    assert again.alerts == again.withdrawn == []
    assert [alert.count for alert in first if alert.kind == "new_resource"] == [1]


def test_one_wrong_date_makes_nothing_else_late(bundle: Path, tmp_path: Path) -> None:
    stray = make_flow(USUAL, flow_id="stray", start=START + 1e9)
    for number in range(3):
        flows = [make_flow(USUAL, flow_id=f"{number}-{i}", start=START + 600 * number + i) for i in range(20)]
        found = score(
            bundle,
            _file(tmp_path, [*flows, *[stray] * (number == 0)]),
            tmp_path / "out",
            state=tmp_path / "s",
        )
        assert found.flows == 20 + (number == 0)
        assert all("more than a week after all others" in one for one in found.tally.sentences())


@pytest.mark.parametrize("first", [2, LEAST_BELIEVED])
def test_a_wrong_date_alone_in_a_call_makes_nothing_late_either(
    bundle: Path, tmp_path: Path, first: int
) -> None:
    for number, after in enumerate((0, 1e6, 1_200, 1e9, 2_400, 3_000)):
        start = START + after
        flows = [
            make_flow(USUAL, flow_id=f"{number}-{i}", start=start + i) for i in range(2 if number else first)
        ]
        found = score(bundle, _file(tmp_path, flows), tmp_path / "out", state=tmp_path / "s")
        refused = any("more than a year" in one for one in found.tally.sentences())
        assert refused == (after == 1e9 and first == LEAST_BELIEVED)
    assert not found.tally.counts["encounters that came late"]
    assert not any("began before others" in one for one in found.tally.sentences())


def test_what_cannot_be_gone_on_from_is_left_as_it_is(
    bundle: Path, xray_bundle: Path, tmp_path: Path
) -> None:
    input = _file(tmp_path, make_history(20, seed=6, prefix="n"))
    score(bundle, input, tmp_path / "out", state=tmp_path / "s")
    before, outputs = (tmp_path / "s" / STATE).read_bytes(), (tmp_path / "out").read_bytes()
    with pytest.raises(BundleError, match="made with another bundle"):
        score(xray_bundle, input, tmp_path / "out", state=tmp_path / "s")
    for forged in (before[:-9], before[:40], before.replace(b'"format_version":', b'"format_version":9')):
        (tmp_path / "s" / STATE).write_bytes(forged)
        with pytest.raises(BundleError):
            score(bundle, input, tmp_path / "out", state=tmp_path / "s")
        assert (tmp_path / "s" / STATE).read_bytes() == forged
    assert (tmp_path / "out").read_bytes() == outputs


def test_a_state_of_other_contents_is_damaged(bundle: Path, tmp_path: Path) -> None:
    from coldtrail.bundle.manifest import identity, read_manifest
    from coldtrail.store.state import state_folder

    input = _file(tmp_path, make_history(20, seed=6, prefix="n"))
    score(bundle, input, tmp_path / "out", state=tmp_path / "s")
    with state_folder(tmp_path / "s", identity(read_manifest(bundle))) as folder:
        held = folder.read()
        assert held is not None
        folder.write({name: array for name, array in held.items() if not name.startswith("line/judging")})
    with pytest.raises(BundleError, match=r"^[^\n]*the state is damaged[^\n]*\.$"):
        score(bundle, input, tmp_path / "out", state=tmp_path / "s")


@pytest.mark.parametrize("quiet", ["", "\n", '{"Traces": []}\n'])
def test_a_part_without_anything_is_no_error_and_loses_nothing(
    bundle: Path, tmp_path: Path, quiet: str
) -> None:
    (tmp_path / "quiet.jsonl").write_text(quiet, encoding="utf-8")
    output, state = tmp_path / "v.jsonl", tmp_path / "state"
    done = score(bundle, tmp_path / "quiet.jsonl", output, state=state)
    assert (done.flows, output.read_text(encoding="utf-8")) == (0, "")
    write_native(tmp_path / "in.jsonl", make_history(3, seed=5, prefix="q"))
    assert score(bundle, tmp_path / "in.jsonl", output, state=state).flows == 3
    assert score(bundle, tmp_path / "quiet.jsonl", output, state=state).flows == 0


def test_a_part_of_which_all_is_refused_is_an_error(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "no.jsonl").write_text('{"hello": 1}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="no usable function flow"):
        score(bundle, tmp_path / "no.jsonl", tmp_path / "v.jsonl", state=tmp_path / "state")
    assert not (tmp_path / "v.jsonl").exists()


def _with_reports(number: int) -> list[bytes]:
    """Documents of traces in the order in which they come, the reports of runs before or after them."""
    out: list[tuple[float, bytes]] = []
    random = Random(5)
    for trace in traces(number, seed=9):
        parts = [one["Document"] for one in trace["Segments"]]
        last = max(part["end_time"] for part in parts)
        for part in parts:
            out.append((last + random.uniform(0.0, 3.0), json.dumps(part).encode()))
            if part["origin"] == "AWS::Lambda":
                name, request, end = part["name"], part["aws"]["request_id"], part["end_time"]
                out.append((last + random.uniform(0.0, 3.0), _report(name, request, end)))
    untraced = [_report("shop-prod-cron", f"untraced-{n}", START + 5 * n) for n in range(4)]
    return [line for _, line in sorted([*out, *zip((START, START + 20.0) * 2, untraced, strict=True)])]


def _report(function: str, request: str, end: float) -> bytes:
    """The report of a run as a subscription delivers it."""
    line = f"REPORT RequestId: {request}\tDuration: 90.00 ms\tBilled Duration: 90 ms\tMemory Size: 128 MB\t"
    event = {"id": request, "timestamp": int(end * 1000), "message": f"{line}Max Memory Used: 80 MB\t\n"}
    place = {"logGroup": f"/aws/lambda/{function}", "logStream": "2026/11/30/[$LATEST]0123456789abcdef"}
    told = {"messageType": "DATA_MESSAGE", "owner": ACCOUNT, **place, "subscriptionFilters": ["all"]}
    return json.dumps(told | {"logEvents": [event]}).encode()


@pytest.mark.parametrize("seed", range(6))
def test_reports_and_traces_cut_anywhere_tell_what_one_call_does(
    xray_bundle: Path, tmp_path: Path, seed: int
) -> None:
    lines = _with_reports(12)
    random = Random(seed)
    cuts = sorted(random.randrange(1, len(lines)) for _ in range(1 + seed % 2))
    parts = [lines[first:end] for first, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    (tmp_path / "one").mkdir()
    whole = _called(tmp_path / "one", xray_bundle, [lines], state=False)
    told = _called(tmp_path, xray_bundle, parts)
    assert told.verdicts.keys() == whole.verdicts.keys()
    assert told.verdicts == whole.verdicts
    assert told.alerts == whole.alerts
    assert len(whole.verdicts) == 24 + 4


def test_a_report_whose_trace_comes_with_the_next_call_is_withdrawn(
    xray_bundle: Path, tmp_path: Path
) -> None:
    lines = _with_reports(3)
    reports = [line for line in lines if b"REPORT" in line and b"cron" not in line]
    segments = [line for line in lines if b"REPORT" not in line]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(reports))
    first = score(xray_bundle, tmp_path / "in.jsonl", tmp_path / "a", state=tmp_path / "s")
    ghosts = {line["function_flow_id"] for line in read_lines(tmp_path / "a")}
    assert (first.flows, len(ghosts)) == (6, 6)
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(segments))
    second = score(xray_bundle, tmp_path / "in.jsonl", tmp_path / "b", state=tmp_path / "s")
    lines_of = read_lines(tmp_path / "b")
    assert {line["function_flow_id"] for line in lines_of if line.get("withdrawn")} == ghosts
    assert second.tally.counts["flows withdrawn"] == 6
    assert second.flows == 6
    assert [bool(line.get("withdrawn")) for line in lines_of] == [True] * 6 + [False] * 6
    third = score(xray_bundle, tmp_path / "in.jsonl", tmp_path / "c", state=tmp_path / "s")
    assert third.tally.counts["flows withdrawn"] == 0


def test_a_fault_of_our_own_is_not_called_damage(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    input = _file(tmp_path, make_history(20, seed=6, prefix="n"))
    score(bundle, input, tmp_path / "out", state=tmp_path / "s")
    for fault in (AttributeError("no such thing"), TypeError("wrong"), KeyError("k"), ValueError("v")):

        def restore(self: Earlier, state: State, fault: Exception = fault) -> None:
            raise fault

        monkeypatch.setattr(Earlier, "restore", restore)
        with pytest.raises(type(fault)):
            score(bundle, input, tmp_path / "out", state=tmp_path / "s")
