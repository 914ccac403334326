"""What `coldtrail inspect` prints of what telemetry tells beside the runs of functions."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from coldtrail.cli.beside import told_beside
from coldtrail.verbs.coverage.beside import Beside
from tests.cli.command import Run
from tests.fixtures.witnesses import CLOUDTRAIL, FLOW, LAMBDA_REPORT, QUERY
from tests.verbs.test_expecting import record

NOTHING = Beside({}, {}, 0, 0, 0, 0, 0, 0, 0, {})
PERSON = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/eve", "accountId": "111122223333"}


def test_nothing_is_told_of_nothing() -> None:
    assert list(told_beside(NOTHING)) == []


def test_refused_invocations_are_told() -> None:
    refused = {"Pay": {"AccessDenied for IAMUser p-eve": 1, "DryRun for s3": 2}}
    calls = {"Lambda": {"Invoke": 3}}
    _, line = told_beside(replace(NOTHING, calls=calls, refused=refused))
    assert line == (
        "Refused invocations among them, which are no runs: 3. "
        "Pay: AccessDenied for IAMUser p-eve, DryRun for s3 \N{MULTIPLICATION SIGN}2."
    )


def test_telemetry_without_a_run_tells_what_it_holds_and_what_to_do(run: Run, tmp_path: Path) -> None:
    changed = {
        "eventSource": "lambda.amazonaws.com",
        "eventName": "UpdateFunctionCode20150331v2",
        "requestParameters": {"functionName": "Charge"},
        "managementEvent": True,
        "resources": [],
    }
    calls = [record(f"e{number}", 1.7e9) | {"userIdentity": PERSON} for number in range(3)]
    records = [*calls, CLOUDTRAIL | changed | {"eventID": "c", "userIdentity": PERSON}]
    (tmp_path / "trail.json").write_text(json.dumps({"Records": records}))
    (tmp_path / "vpc.log").write_bytes(FLOW)
    (tmp_path / "dns.jsonl").write_text(json.dumps(QUERY) + "\n")
    said = run("inspect", tmp_path)
    assert said.status == 0
    assert "no run of a function." in said.out
    assert (
        "Calls in the audit log: 4. S3: PutObject \N{MULTIPLICATION SIGN}3; Lambda: UpdateFunctionCode."
        in said.out
    )
    assert "Changes of functions among them: 1. Charge: UpdateFunctionCode." in said.out
    assert "Also here: 1 record of network traffic and 1 host name that was looked up." in said.out
    assert "turn active tracing on for Charge" in said.out
    assert "--function-name Charge" in said.out


def test_where_no_function_is_named_it_is_said_what_to_add(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(LAMBDA_REPORT) + "\n")
    said = " ".join(run("inspect", tmp_path).out.split())
    assert (
        "Reports of the platform: 1 record on invocations (an invocation may have several). "
        "None of them names a function, and neither does the log that they stood in." in said
    )
    assert "To do: add traces of functions" in said


def test_a_document_that_comes_again_is_counted_once(run: Run, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps({"Records": [record("e", 1.7e9) | {"userIdentity": PERSON}]}))
    found = run("inspect", tmp_path, "--json").json
    assert found["formats"]["cloudtrail"] == {"read": 1, "refused": 0, "repeated": 1}
    assert found["beside"]["calls"] == {"S3": {"PutObject": 1}}


def test_traces_without_a_run_tell_how_many_spans_they_hold() -> None:
    (line,) = told_beside(replace(NOTHING, traces={"x y": 2}, spans=3, span_records=5))
    assert line == (
        "Traces without a run of a function: 2 (x y 2), of 3 spans in 5 records: "
        "a span in progress is told again."
    )
    (whole,) = told_beside(replace(NOTHING, traces={"x y": 1}, spans=1, span_records=1))
    assert whole == "Traces without a run of a function: 1 (x y 1), of 1 span."


def test_long_lists_are_cut() -> None:
    many = {f"s{number}": {f"a{one}": 1 for one in range(9)} for number in range(20)}
    (line,) = told_beside(Beside(many, {}, 0, 0, 0, 0, 0, 0, 0, {}))
    assert line.startswith("Calls in the audit log: 180. s0: a0, a1, a2, a3, 5 other actions; ")
    assert line.endswith("; 12 more.")
