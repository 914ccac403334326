"""What `coldtrail inspect` prints of how well functions are covered."""

from __future__ import annotations

import json
from pathlib import Path

from coldtrail.alerts.places import Places
from coldtrail.cli.coverage import print_lacking
from coldtrail.cli.screen import output
from coldtrail.testing import make_history
from coldtrail.verbs.coverage.covering import Covered, Remedy
from coldtrail.verbs.coverage.scores import Parts
from tests.cli.command import Run
from tests.verbs.telemetry_files import write_native, write_xray
from tests.verbs.test_expecting import write_all
from tests.verbs.test_flowing import TRACE

METRIC = {"account": "111122223333", "region": "eu-west-1", "application_name": "shop", "period_s": 60}


def write_metrics(path: Path, *names: str) -> None:
    lines = [
        {**METRIC, "function_name": name, "start_time": 1_700_000_000, "invocations": 12} for name in names
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def test_a_mixed_folder_reads_well(run: Run, tmp_path: Path) -> None:
    folder = write_all(tmp_path / "in")
    write_metrics(folder / "m.jsonl", "Charge")
    said = run("inspect", folder)
    assert said.status == 0
    assert "Time: 2023-11-14 22:13:20 to " in said.out
    assert "From: 1 account (111122223333), 1 region (eu-west-1)." in said.out
    assert "Only CloudTrail shows calls of Order: 1 GetObject of S3." in said.out
    assert "To do: turn active tracing on for Charge, which ran 12 times untraced:" in said.out
    assert "\n  aws lambda update-function-configuration --function-name Charge --tracing-config" in said.out
    assert "Traced: 0 % of 12 invocations of 1 function" in said.out


def test_what_many_functions_lack_is_told_once(run: Run, tmp_path: Path) -> None:
    said = run("inspect", write_xray(tmp_path / "a.jsonl", 12)).out
    assert said.count("add the platform's reports of") == 1
    assert said.count("likewise for the") == 1
    assert "Flows told of by" in said
    assert "1 xray" not in said


def test_each_function_that_never_traces_has_its_command(run: Run, tmp_path: Path) -> None:
    write_metrics(tmp_path / "m.jsonl", *(f"F{number}" for number in range(25)))
    said = run("inspect", tmp_path).out
    assert said.count("update-function-configuration") == 20
    assert said.count("turn active tracing on for F0, F1, F10, F11, F12, F13 and 19 others:") == 1
    assert said.count("likewise for the 5 others") == 1


def test_formats_that_tell_of_some_flows_only_say_of_how_many(run: Run, tmp_path: Path) -> None:
    folder = write_all(tmp_path / "in")
    other = (folder / "a-trace.json").read_text().replace(TRACE, f"{TRACE[:-1]}9").replace("3f1a", "4f1a")
    (folder / "z-trace.json").write_text(other.replace("1700000000.", "1700003600."))
    said = " ".join(run("inspect", folder).out.split())
    assert "cloudtrail (1 of 2), lambda-report (1 of 2), xray" in said
    assert "xray (" not in said


def test_json_has_the_same(run: Run, tmp_path: Path) -> None:
    found = run("inspect", write_all(tmp_path / "in"), "--json").json
    (order,) = found["coverage"]
    assert set(order["parts"]) == {"traced", "calls", "callers", "reports", "whole"}
    assert [remedy["part"] for remedy in order["remedies"]] == ["calls"]
    assert {"accounts", "regions", "first_told", "last_told", "oddities", "cost"} <= set(found)


def test_the_cost_of_traces_is_told_where_there_is_time_to_tell_it_from(run: Run, tmp_path: Path) -> None:
    assert "Cost: " not in run("inspect", write_native(tmp_path / "a.jsonl", make_history(100))).out
    assert " a month at the pace of these " in run("inspect", write_xray(tmp_path / "b.jsonl", 60)).out


def test_what_cannot_be_told_of_sampling_is_told_where_nobody_counts(run: Run, tmp_path: Path) -> None:
    """It stood there too where all that ran was counted."""
    write_native(tmp_path / "a.jsonl", make_history(5))
    assert "How much was sampled away cannot be told" in " ".join(run("inspect", tmp_path).out.split())
    write_metrics(tmp_path / "m.jsonl", "Order")
    counted = " ".join(run("inspect", tmp_path).out.split())
    assert "cannot be told" not in counted or "that nobody counts" in counted


def test_telemetry_without_a_run_has_no_empty_table(run: Run, tmp_path: Path) -> None:
    write_metrics(tmp_path / "m.jsonl", "Charge")
    said = run("inspect", tmp_path, "--flows").out
    assert "Start (UTC)" not in said


def test_a_place_that_is_not_known_is_left_out_of_what_is_to_be_done() -> None:
    remedy = Remedy("traced", "Trace it", "Trace {whom}", "aws x")
    of = {"application_name": "shop", "score": 0, "parts": Parts(0, 0, 0, None, 0), "flows": 0, "traced": 0}
    more = {"invocations": None, "counted_by": None, "sampling_rate": None}
    empty = {"witnesses": {}, "callers": {}, "unseen": {}, "remedies": (remedy,)}
    known = Covered("111122223333", "eu-west-1", function_name="A", **of, **more, **empty)
    unknown = Covered("", "", function_name="B", **of, **more, **empty)
    screen = output()
    with screen.capture() as said:
        print_lacking(screen, [(unknown, remedy)], Places([known.key, unknown.key]))
    assert said.get().startswith("To do: trace it:")
