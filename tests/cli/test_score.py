"""`coldtrail score`: what it prints, writes and answers."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from coldtrail.store.state import STATE, state_folder
from coldtrail.testing import make_flow, make_history
from tests.cli.command import Run, is_one_sentence
from tests.fixtures.telemetry import payload_of, traces
from tests.verbs.telemetry_files import (
    STEAL,
    USUAL,
    native_lines,
    read_lines,
    stolen,
    write_native,
    write_xray,
)

NEW = [*make_history(30, seed=6, prefix="n"), stolen(), make_flow(USUAL, flow_id="x", function="NeverMet")]


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_native(tmp_path / "new.jsonl", NEW)


def test_verdicts_are_written_and_alerts_shown(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    said = run("score", "--bundle", bundle, "--input", new, "--output", tmp_path / "out.jsonl")
    assert (said.status, said.err) == (0, "")
    assert len(read_lines(tmp_path / "out.jsonl")) == len(NEW)
    assert "loot" in said.out
    assert "32 flows of 2 functions" in said.out
    assert "1 not_ready" in said.out
    assert f"Written: {tmp_path / 'out.jsonl'}" in said.out


def test_the_same_command_gives_the_same_bytes(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("score", "--bundle", bundle, "--input", new, "--output", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_only_anomalous_lines_are_written_where_asked(
    run: Run, bundle: Path, new: Path, tmp_path: Path
) -> None:
    said = run("score", "--bundle", bundle, "--input", new, "--output", tmp_path / "o", "--only-anomalous")
    assert said.status == 0
    lines = read_lines(tmp_path / "o")
    assert {line["verdict"] for line in lines} == {"anomalous"}
    assert "stolen" in {line["function_flow_id"] for line in lines}


def test_json_is_one_document_with_alerts_and_counts(
    run: Run, bundle: Path, new: Path, tmp_path: Path
) -> None:
    said = run("score", "--bundle", bundle, "--input", new, "--output", tmp_path / "o", "--json")
    assert said.err == ""
    found = said.json
    assert found["flows"] == sum(found["verdicts"].values()) == len(NEW)
    assert found["losses"] == []
    assert found["counts"]["flows scored"] == len(NEW)
    runs = [run["function_flow_id"] for alert in found["alerts"] for run in alert["evidence"]]
    assert "stolen" in runs


def test_findings_and_report_are_written(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "findings.jsonl", tmp_path / "report.html"]
    said = run(
        "score", "--bundle", bundle, "--input", new, "--output", tmp_path / "o",
        "--ocsf", paths[0], "--report", paths[1],
    )  # fmt: skip
    assert said.status == 0
    assert b"class_uid" in paths[0].read_bytes()
    assert paths[1].read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
    assert all(f"Written: {path}" in said.out for path in paths)


def test_a_dash_is_standard_input(
    run: Run, bundle: Path, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("score", "--bundle", bundle, "--input", new, "--output", tmp_path / "file")
    piped = io.TextIOWrapper(io.BytesIO(b"\n".join(native_lines(NEW))))
    monkeypatch.setattr(sys, "stdin", piped)
    said = run("score", "--bundle", bundle, "--input", "-", "--output", tmp_path / "pipe")
    assert said.status == 0
    assert (tmp_path / "pipe").read_bytes() == (tmp_path / "file").read_bytes()


def test_xray_is_read_without_being_named_and_by_name(run: Run, xray_bundle: Path, tmp_path: Path) -> None:
    path = write_xray(tmp_path / "new.jsonl.gz", 20, seed=5)
    for name, more in (("a", ()), ("b", ("--format", "xray"))):
        said = run("score", "--bundle", xray_bundle, "--input", path, "--output", tmp_path / name, *more)
        assert said.status == 0
    assert len(read_lines(tmp_path / "a")) == 40
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_records_that_were_never_closed_are_told_by_function(
    run: Run, xray_bundle: Path, tmp_path: Path
) -> None:
    found = list(traces(20, seed=5))
    for held in [held for trace in found[:3] for held in trace["Segments"]]:
        held["Document"].pop("end_time", None)
        held["Document"]["in_progress"] = True
    (tmp_path / "new.jsonl").write_bytes(b"".join(payload_of(one) + b"\n" for one in found))
    arguments = (
        "score",
        "--bundle",
        xray_bundle,
        "--input",
        tmp_path / "new.jsonl",
        "--output",
        tmp_path / "o",
    )
    told = run(*arguments, "--json").json["still_open"]
    assert sum(one["flows"] for one in told) == 6
    first = told[0]
    assert (
        "Never closed in the record, or known to lack parts, and judged without what they lack: "
        f"6 flows ({first['function_name']} "
        f"{first['flows']}"
    ) in run(*arguments).out


def test_both_formats_may_lie_in_one_folder(run: Run, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_xray(tmp_path / "in" / "a.jsonl.gz", 5)
    write_native(tmp_path / "in" / "b.jsonl", NEW)
    said = run("score", "--bundle", bundle, "--input", tmp_path / "in", "--output", tmp_path / "out")
    assert (said.status, said.err) == (0, "")
    assert len(read_lines(tmp_path / "out")) == 10 + len(NEW)


def test_the_wrong_format_is_wrong_input(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    for name in ("xray", "yaml"):
        said = run("score", "--bundle", bundle, "--input", new, "--output", tmp_path / "o", "--format", name)
        assert said.status == 2
        assert is_one_sentence(said.err)


def test_losses_are_told_on_standard_error(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    new.write_bytes(b"{broken\n" + new.read_bytes())
    said = run("score", "--bundle", bundle, "--input", new, "--output", tmp_path / "o", "--json")
    assert said.status == 0
    assert said.err.startswith(f"coldtrail: lost: {new}, line 1: ")
    assert len(said.json["losses"]) == 1


def test_no_more_alerts_are_shown_than_asked_for(run: Run, bundle: Path, tmp_path: Path) -> None:
    flows = [make_flow([(f"Steal{i}", "S3", "loot", 0.01)], flow_id=f"f{i}") for i in range(3)]
    path = write_native(tmp_path / "in.jsonl", flows)
    said = run("score", "--bundle", bundle, "--input", path, "--output", tmp_path / "o", "--limit", 2)
    assert said.status == 0
    case, _, alerts = said.out.rpartition("# ")
    assert len([i for i in range(3) if f"Steal{i}" in alerts]) == 2
    assert len([i for i in range(3) if f"Steal{i}" in case]) == 3, "the story of their one case"


def test_cases_are_written_one_a_line(run: Run, bundle: Path, tmp_path: Path) -> None:
    flows = [make_flow([(f"Steal{i}", "S3", "loot", 0.01)], flow_id=f"f{i}") for i in range(3)]
    path, cases = write_native(tmp_path / "in.jsonl", flows), tmp_path / "cases.jsonl"
    said = run(
        "score", "--bundle", bundle, "--input", path, "--output", tmp_path / "o", "--cases", cases, "--json"
    )
    (case,) = map(json.loads, cases.read_text().splitlines())
    assert case == said.json["cases"][0]
    assert {one["alert_id"] for one in case["members"]} == {one["id"] for one in said.json["alerts"]}


@pytest.mark.parametrize("missing", ["bundle", "input"])
def test_a_missing_path_is_wrong_use(run: Run, bundle: Path, new: Path, tmp_path: Path, missing: str) -> None:
    paths = {"bundle": bundle, "input": new} | {missing: tmp_path / "absent"}
    said = run("score", "--bundle", paths["bundle"], "--input", paths["input"], "--output", tmp_path / "out")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "absent" in said.err


def test_an_output_that_cannot_be_written_is_a_failure(
    run: Run, bundle: Path, new: Path, tmp_path: Path
) -> None:
    said = run("score", "--bundle", bundle, "--input", new, "--output", tmp_path)
    assert said.status == 1
    assert is_one_sentence(said.err)


def test_a_damaged_bundle_is_wrong_input(run: Run, model_copy: Path, new: Path, tmp_path: Path) -> None:
    (model_copy / "vocabulary.json.zst").write_bytes(b"{}")
    said = run("score", "--bundle", model_copy, "--input", new, "--output", tmp_path / "out")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "its hash differs" in said.err


@pytest.fixture
def model_copy(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / "copy"))


def test_a_stolen_step_of_many_is_one_alert(run: Run, bundle: Path, tmp_path: Path) -> None:
    flows = [make_flow([*USUAL, STEAL], flow_id=f"s{i}", start=1_795_200_000.0 + i) for i in range(7)]
    path = write_native(tmp_path / "in.jsonl", flows)
    said = run("score", "--bundle", bundle, "--input", path, "--output", tmp_path / "o", "--json")
    (alert,) = said.json["alerts"]
    assert (alert["count"], len(alert["evidence"])) == (7, 7)
    assert json.dumps(alert).count("loot") > 1


def test_limits_of_ones_own_replace_those_of_the_bundle(
    run: Run, bundle: Path, new: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "coldtrail.toml"
    settings.write_text("[limits]\nmax_document_bytes = 10\n")
    arguments = ("score", "--bundle", bundle, "--input", new, "--output", tmp_path / "out.jsonl")
    assert run(*arguments).status == 0
    said = run(*arguments, "--config", settings)
    assert said.status == 2
    assert "limits.max_document_bytes (10)" in said.err


def test_a_call_goes_on_where_the_last_one_ended(run: Run, bundle: Path, tmp_path: Path) -> None:
    said = [
        run(
            *("score", "--bundle", bundle, "--output", tmp_path / "out.jsonl", "--state", tmp_path / "state"),
            *("--input", write_native(tmp_path / "in.jsonl", flows), "--json"),
        )
        for flows in (NEW[:20], NEW[20:31])
    ]
    assert [(one.status, one.err) for one in said] == [(0, ""), (0, "")]
    assert [one.json["flows"] for one in said] == [20, 11]
    assert [len(one.json["alerts"]) for one in said] == [0, 1]
    assert said[1].json["withdrawn"] == said[1].json["withdrawn_shifts"] == []


def test_a_state_that_is_in_use_or_damaged_is_told_in_a_sentence(
    run: Run, bundle: Path, new: Path, tmp_path: Path
) -> None:
    state, output = tmp_path / "state", tmp_path / "out.jsonl"
    command = ("score", "--bundle", bundle, "--input", new, "--output", output, "--state", state)
    with state_folder(state, "any"):
        said = run(*command)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "another process" in said.err
    (state / STATE).write_bytes(b"half")
    said = run(*command)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "damaged" in said.err
    assert not output.exists()
