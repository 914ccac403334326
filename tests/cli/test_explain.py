"""`coldtrail explain`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.testing import make_flow, make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import USUAL, stolen, write_native


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
