"""The verb `score`: exactly the lines that were promised."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any

import pytest

from coldtrail.bundle.manifest import read_manifest
from coldtrail.errors import BundleError, ColdtrailError, ConfigError
from coldtrail.testing import make_flow, make_history
from coldtrail.verbs.scoring import score
from coldtrail.verbs.training import train
from tests.fixtures.telemetry import TraceBuilder, payload_of, traces
from tests.verbs.telemetry_files import (
    GET,
    PUBLISH,
    PUT,
    STEAL,
    USUAL,
    native_lines,
    read_lines,
    stolen,
    write_native,
    write_xray,
)

KEYS = [
    "function_flow_id",
    "application_flow_id",
    "account",
    "region",
    "application_name",
    "function_name",
    "start_time",
    "verdict",
    "score",
    "threshold",
    "p_value",
    "detectors",
    "reasons",
]
REASON_KEYS = ["kind", "event_id", "event_name", "target", "expected", "seen", "contribution"]
MORE_REASON_KEYS = ["odds", "runs", "near", "elsewhere"]
NEW = [
    *make_history(60, seed=6, prefix="n"),
    stolen(),
    make_flow([PUT, GET, PUBLISH], flow_id="swapped", start=1_795_000_005.0),
    make_flow([STEAL] * 3, flow_id="stranger", function="NeverMet", start=1_794_000_000.0),
]


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_native(tmp_path / "new.jsonl", NEW)


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


def test_every_flow_gets_one_line_in_the_order_of_their_start(
    bundle: Path, new: Path, tmp_path: Path
) -> None:
    summary = score(bundle, new, tmp_path / "out.jsonl")
    lines = read_lines(tmp_path / "out.jsonl")
    order = sorted((flow.events[0].start_time, flow.function_flow_id) for flow in NEW)
    assert [(line["start_time"], line["function_flow_id"]) for line in lines] == order
    assert summary.flows == len(NEW) == sum(summary.verdicts.values())
    assert summary.functions == 2
    assert summary.span == (order[0][0], order[-1][0])


def test_a_line_is_as_promised(bundle: Path, new: Path, tmp_path: Path) -> None:
    score(bundle, new, tmp_path / "out.jsonl")
    kinds = set()
    for text in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(text, parse_constant=no_constant)
        assert list(line) == KEYS
        kinds.add(line["verdict"])
        assert all(math.isfinite(line[key]) for key in ("start_time", "score", "threshold", "p_value"))
        assert 0 < line["p_value"] <= 1
        parts = [reason["contribution"] for reason in line["reasons"]]
        assert parts == sorted(parts, reverse=True)
        assert all(list(reason) == REASON_KEYS + MORE_REASON_KEYS for reason in line["reasons"])
        assert bool(line["reasons"]) == bool(line["detectors"]) == (line["verdict"] == "anomalous")
        if line["verdict"] == "anomalous":
            assert line["score"] > line["threshold"]
    assert kinds == {"anomalous", "normal", "not_ready"}


def test_the_stolen_data_is_told_by_the_event_that_took_it(bundle: Path, new: Path, tmp_path: Path) -> None:
    summary = score(bundle, new, tmp_path / "out.jsonl")
    by_id = {line["function_flow_id"]: line for line in read_lines(tmp_path / "out.jsonl")}
    first = by_id["stolen"]["reasons"][0]
    assert (first["kind"], first["event_id"], first["event_name"], first["target"]) == (
        "new_resource",
        "stolen-2",
        "PutObject",
        "loot",
    )
    assert by_id["swapped"]["reasons"][0]["event_id"] == "swapped-0"
    assert by_id["stranger"]["verdict"] == "not_ready"
    assert {"stolen", "swapped"} <= {
        run.function_flow_id for alert in summary.alerts for run in alert.evidence
    }


def test_the_same_input_gives_the_same_bytes(bundle: Path, new: Path, tmp_path: Path) -> None:
    score(bundle, new, tmp_path / "a.jsonl")
    score(bundle, new, tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_the_order_and_the_cuts_of_the_input_change_no_byte(bundle: Path, new: Path, tmp_path: Path) -> None:
    score(bundle, new, tmp_path / "whole.jsonl")
    lines = native_lines(NEW)
    Random(5).shuffle(lines)
    cut = tmp_path / "cut"
    cut.mkdir()
    for number in range(4):
        (cut / f"{number}.jsonl").write_bytes(b"\n".join(lines[number::4]))
    score(bundle, cut, tmp_path / "cut.jsonl")
    assert (tmp_path / "cut.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_flows_that_start_together_go_by_their_id(bundle: Path, tmp_path: Path) -> None:
    flows = [make_flow(USUAL, flow_id=name) for name in ("c", "a", "b", "a0")]
    write_native(tmp_path / "in.jsonl", flows)
    score(bundle, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    ids = [line["function_flow_id"] for line in read_lines(tmp_path / "out.jsonl")]
    assert ids == ["a", "a0", "b", "c"]


def test_only_anomalous_lines_are_those_of_the_whole_file(bundle: Path, new: Path, tmp_path: Path) -> None:
    whole = score(bundle, new, tmp_path / "all.jsonl")
    few = score(bundle, new, tmp_path / "few.jsonl", only_anomalous=True)
    lines = [line for line in read_lines(tmp_path / "all.jsonl") if line["verdict"] == "anomalous"]
    assert read_lines(tmp_path / "few.jsonl") == lines
    assert few.verdicts == whole.verdicts


def test_without_anomalies_the_file_is_empty(bundle: Path, tmp_path: Path) -> None:
    write_native(tmp_path / "in.jsonl", [make_flow(USUAL)])
    summary = score(bundle, tmp_path / "in.jsonl", tmp_path / "out.jsonl", only_anomalous=True)
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    assert summary.verdicts == {"normal": 1}
    assert summary.alerts == []


def test_without_an_output_nothing_is_written(bundle: Path, new: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert score(bundle, new).flows == len(NEW)
    assert sorted(tmp_path.iterdir()) == before


def test_xray_flows_have_the_ids_of_their_segments(xray_bundle: Path, tmp_path: Path) -> None:
    path = write_xray(tmp_path / "new.jsonl.gz", 40, seed=3)
    summary = score(xray_bundle, path, tmp_path / "out.jsonl")
    lines = read_lines(tmp_path / "out.jsonl")
    segments = {
        held["Document"]["id"]: trace["Id"]
        for trace in traces(40, 3)
        for held in trace["Segments"]
        if held["Document"].get("origin") == "AWS::Lambda::Function"
    }
    assert {line["function_flow_id"]: line["application_flow_id"] for line in lines} == segments
    assert summary.verdicts["normal"] > 0.9 * summary.flows
    assert summary.tally.lost == 0


def test_xray_traces_cut_and_shuffled_change_no_byte(xray_bundle: Path, tmp_path: Path) -> None:
    score(xray_bundle, write_xray(tmp_path / "whole.jsonl.gz", 60, seed=8), tmp_path / "whole.out")
    random = Random(2)
    parts = []
    for trace in traces(60, 8):
        random.shuffle(trace["Segments"])
        middle = len(trace["Segments"]) // 2
        halves = trace["Segments"][:middle], trace["Segments"][middle:]
        parts += [payload_of({**trace, "Segments": held}) for held in halves]
    random.shuffle(parts)
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(parts[::2]))
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(parts[1::2]))
    score(xray_bundle, [tmp_path / "a.jsonl", tmp_path / "b.jsonl"], tmp_path / "parts.out")
    assert (tmp_path / "parts.out").read_bytes() == (tmp_path / "whole.out").read_bytes()


def test_an_xray_flow_that_writes_to_a_new_bucket_is_found(xray_bundle: Path, tmp_path: Path) -> None:
    builder = TraceBuilder(77)
    trace = builder.trace("shop-prod-pay")
    own = next(
        held["Document"]
        for held in trace["Segments"]
        if held["Document"].get("origin") == "AWS::Lambda::Function"
    )
    handler = next(part for part in own["subsegments"] if part["name"] == "Invocation")["subsegments"][0]
    theft = builder.call("S3", "PutObject", "loot", handler["subsegments"][-1]["start_time"])
    handler["subsegments"].append(theft)
    (tmp_path / "in.json").write_bytes(payload_of(trace))
    score(xray_bundle, tmp_path / "in.json", tmp_path / "out.jsonl")
    (line,) = read_lines(tmp_path / "out.jsonl")
    assert line["verdict"] == "anomalous"
    assert line["reasons"][0]["event_id"] == theft["id"]
    assert line["reasons"][0]["kind"] == "new_resource"


def test_the_counts_in_and_out_of_each_stage_add_up(bundle: Path, new: Path, tmp_path: Path) -> None:
    new.write_bytes(new.read_bytes() + b"{broken\n" + b'{"function_flow_id": 1}\n')
    summary = score(bundle, new, tmp_path / "out.jsonl")
    counts = summary.tally.counts
    assert counts["documents read"] == counts["documents parsed"] + counts["documents refused"]
    assert counts["documents refused"] == summary.tally.losses["document"] == 2
    assert counts["flows assembled"] == counts["flows scored"] == summary.flows
    assert sum(counts[kind] for kind in ("anomalous", "normal", "not_ready")) == summary.flows
    assert len(read_lines(tmp_path / "out.jsonl")) == summary.flows
    assert sum(one.count for one in (*summary.alerts, *summary.waiting)) == summary.verdicts["anomalous"]


def test_findings_and_the_report_are_written_where_asked(bundle: Path, new: Path, tmp_path: Path) -> None:
    asked = {"alerts": tmp_path / "a.jsonl", "ocsf": tmp_path / "f.json", "report": tmp_path / "r.html"}
    summary = score(bundle, new, **asked)
    lines = read_lines(tmp_path / "a.jsonl")
    assert [line["id"] for line in lines] == [alert.id for alert in summary.alerts]
    assert summary.alerts
    assert "2004" in (tmp_path / "f.json").read_text(encoding="utf-8")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "loot" in page
    told = summary.for_report()
    assert (told.flows, told.functions, dict(told.verdicts)) == (len(NEW), 2, summary.verdicts)


def test_input_without_flows_leaves_the_old_output_alone(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_bytes(b"old")
    (tmp_path / "in.jsonl").write_bytes(b"")
    with pytest.raises(ConfigError, match="no usable function flow"):
        score(bundle, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == b"old"


def test_no_output_takes_the_place_of_an_input_or_of_another_output(
    bundle: Path, new: Path, tmp_path: Path
) -> None:
    before = new.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(new)
    with pytest.raises(ConfigError, match="is read as telemetry by the same command"):
        score(bundle, [tmp_path / "link.jsonl"], new)
    with pytest.raises(ConfigError, match="is written by the same command"):
        score(bundle, new, tmp_path / "out", ocsf=tmp_path / "out")
    assert new.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_no_output_takes_the_place_of_a_file_in_a_folder_that_is_read(
    bundle: Path, new: Path, tmp_path: Path
) -> None:
    inside = tmp_path / "in" / "day"
    inside.mkdir(parents=True)
    read = inside / "traces.jsonl"
    read.write_bytes(new.read_bytes())
    (tmp_path / "in" / "report.html").write_bytes(b"old")
    for folder in (inside, tmp_path / "in"):
        with pytest.raises(
            ConfigError, match=r"traces\.jsonl: this file is read as telemetry by the same command"
        ):
            score(bundle, folder, read)
    assert read.read_bytes() == new.read_bytes()
    score(bundle, tmp_path / "in", tmp_path / "in" / "found.jsonl", report=tmp_path / "in" / "report.html")
    assert read_lines(tmp_path / "in" / "found.jsonl")
    assert (tmp_path / "in" / "report.html").read_bytes() != b"old"


def test_no_output_lies_in_the_bundle(bundle: Path, new: Path) -> None:
    before = read_manifest(bundle)
    for inside in (bundle / "manifest.json", bundle / "new"):
        with pytest.raises(ConfigError, match="this lies in the bundle"):
            score(bundle, new, inside)
        with pytest.raises(ConfigError, match="this lies in the bundle"):
            score(bundle, new, report=inside)
    assert not (bundle / "new").exists()
    assert read_manifest(bundle) == before


def test_a_missing_bundle_and_an_output_that_cannot_be_written_are_told(
    bundle: Path, new: Path, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match="there is no bundle here"):
        score(tmp_path / "absent", new, tmp_path / "out.jsonl")
    with pytest.raises(ColdtrailError, match="the file cannot be written"):
        score(bundle, new, tmp_path)


@pytest.mark.parametrize(("kept", "told"), [(False, 1), (True, 0)])
def test_callers_that_were_lost_are_told_once(tmp_path: Path, kept: bool, told: int) -> None:
    history, new = tmp_path / "history.jsonl", tmp_path / "new.jsonl"
    usual = list(traces(60, seed=1))
    history.write_bytes(b"".join(payload_of(one) + b"\n" for one in usual))
    for one in [] if kept else usual:
        one["Segments"] = [
            part for part in one["Segments"] if "AWS::Lambda::Function" in json.dumps(part["Document"])
        ]
    new.write_bytes(b"".join(payload_of(one) + b"\n" for one in usual))
    train([history], tmp_path / "bundle")
    sentences = score(tmp_path / "bundle", [new]).tally.sentences()
    assert len([one for one in sentences if "do not hold who called them" in one]) == told


def test_of_a_quiet_hour_nothing_is_judged(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(b'{"Records":[]}')
    summary = score(bundle, tmp_path / "in.json", tmp_path / "out.jsonl")
    assert (summary.flows, summary.tally.is_quiet) == (0, True)
    assert (tmp_path / "out.jsonl").read_bytes() == b""
