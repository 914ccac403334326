"""`coldtrail explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coldtrail.alerts.wording.phrases import repeated
from coldtrail.cli.explain import usual_run
from coldtrail.records.profile import Profile, ProfileRun, ProfileStep
from coldtrail.testing import make_flow, make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import USUAL, stolen, write_native
from tests.verbs.test_expecting import record


@pytest.fixture
def new(tmp_path: Path) -> Path:
    stranger = make_flow(USUAL, flow_id="stranger", function="NeverMet")
    return write_native(tmp_path / "new.jsonl", [*make_history(5, seed=2, prefix="n"), stolen(), stranger])


def test_a_strange_run_is_told_with_why_what_and_the_usual(run: Run, bundle: Path, new: Path) -> None:
    said = run("explain", "--bundle", bundle, "--input", new, "--flow", "stolen")
    assert (said.status, said.err) == (0, "")
    assert "Order (shop): anomalous" in said.out
    assert "trace trace-stolen" in said.out
    assert "triggered by AWS::ApiGateway::Stage shop/prod" in said.out
    assert "Why:" in said.out
    marked = [line for line in said.out.splitlines() if line.strip().startswith(">")]
    assert any("PutObject on S3 loot" in line and "stolen-2" in line for line in marked)
    assert "Its most usual run" in said.out


def test_a_normal_run_is_told_with_what_was_least_usual(run: Run, bundle: Path, new: Path) -> None:
    said = run("explain", "--bundle", bundle, "--input", new, "--flow", "n00000001")
    assert "Order (shop): normal" in said.out
    assert "Least usual about it:" in said.out


def test_a_run_as_most_others_is_told_to_have_nothing_unusual(run: Run, bundle: Path, new: Path) -> None:
    said = run("explain", "--bundle", bundle, "--input", new, "--flow", "n00000003").out
    assert "Nothing about it is unusual." in said
    assert "Usual:" not in said
    assert not [line for line in said.splitlines() if line.strip().startswith(">")]


def test_a_call_that_is_made_many_times_is_one_row(run: Run, bundle: Path, tmp_path: Path) -> None:
    flow = make_flow([USUAL[0]] * 90, flow_id="busy")
    new = write_native(tmp_path / "new.jsonl", [flow])
    said = run("explain", "--bundle", bundle, "--input", new, "--flow", "busy")
    rows = [
        line for line in said.out.split("This run")[1].split("Its most")[0].splitlines() if "GetItem" in line
    ]
    assert len(rows) <= 5
    assert any(repeated("GetItem on DynamoDB Stock", number) in " ".join(rows) for number in range(85, 91))
    found = run("explain", "--bundle", bundle, "--input", new, "--flow", "busy", "--json").json
    assert len(found["flow"]["events"]) == 92


def test_equal_steps_of_the_usual_run_are_one_row() -> None:
    get = [ProfileStep("GetItem", "DynamoDB", "Stock", 2, number / 10, 0.05, 0.06) for number in range(90)]
    put = ProfileStep("PutItem", "DynamoDB", "Orders", 2, 9.0, 0.05, 0.06)
    run = ProfileRun(1.0, 300, (*get, put))
    table = usual_run(Profile("", "", "shop", "Order", 300, 0.0, 0.0, 1.0, 1.0, (), (run,)))
    assert table.row_count == 2
    words, at, takes = (next(iter(column.cells)) for column in table.columns)
    assert str(words).strip() == repeated("GetItem on DynamoDB Stock", 90)
    assert (at, takes) == ("0 ms", "8.95 s")


def test_what_the_audit_log_alone_tells_is_no_trace(run: Run, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"Records": [record("e1", 1.7e9)]}))
    flows = tmp_path / "flows.jsonl"
    assert run("flows", tmp_path / "c.json", "--output", flows).status == 0
    (line,) = map(json.loads, flows.read_text().splitlines())
    said = run(
        "explain", "--bundle", bundle, "--input", tmp_path / "c.json", "--flow", line["function_flow_id"]
    )
    assert "trace " not in said.out.splitlines()[1]
    assert "told of by cloudtrail alone" in said.out


def test_a_function_never_met_is_told_so(run: Run, bundle: Path, new: Path) -> None:
    said = run("explain", "--bundle", bundle, "--input", new, "--flow", "stranger")
    assert "NeverMet (shop): not_ready" in said.out
    assert "Too little of this function's history was learned" in said.out


def test_json_holds_verdict_flow_and_profile(run: Run, bundle: Path, new: Path) -> None:
    found = run("explain", "--bundle", bundle, "--input", new, "--flow", "stolen", "--json").json
    assert found["verdict"]["reasons"][0]["event_id"] == "stolen-2"
    assert len(found["flow"]["events"]) == len(stolen().events)
    assert found["profile"]["function_name"] == "Order"


def test_an_unknown_flow_is_wrong_input(run: Run, bundle: Path, new: Path) -> None:
    said = run("explain", "--bundle", bundle, "--input", new, "--flow", "lost")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "'lost'" in said.err


def test_what_was_lost_on_the_way_is_named(run: Run, bundle: Path, new: Path) -> None:
    new.write_text("{broken\n" + new.read_text())
    said = run("explain", "--bundle", bundle, "--input", new, "--flow", "stranger")
    assert said.status == 0
    assert "line 1" in said.err
