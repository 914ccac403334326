"""`coldtrail bundle`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from coldtrail.bundle.folder import load, save
from coldtrail.testing import make_history
from coldtrail.verbs.training import train
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import write_native


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose names are long or hold markup, its functions in one group."""
    folder = tmp_path_factory.mktemp("odd")
    flows = make_history(60, function="[red]Order[/red]") + make_history(
        9, seed=2, function="F" * 200, prefix="r"
    )
    train(write_native(folder / "history.jsonl", flows), folder / "plain")
    model, manifest = load(folder / "plain")
    model.vocabulary.put_in_groups(["[b]writes[/b] DynamoDB"], [0, 1, 1])
    span = manifest.first_start, manifest.last_start
    save(model, folder / "bundle", version=manifest.coldtrail_version, seed=0, span=span)
    return folder / "bundle"


def test_functions_are_told_with_state_threshold_and_expected_alarms(run: Run, bundle: Path) -> None:
    said = run("bundle", "show", "--bundle", bundle)
    assert (said.status, said.err) == (0, "")
    assert "300 flows of 1 function, from 20" in said.out
    row = next(line for line in said.out.splitlines() if " shop " in line)
    assert "ready" in row
    assert " (1 in " in row
    assert re.search(r" 20\d\d-\d\d-\d\d \d\d:\d\d *$", row)
    assert "1 function ready, 0 learning. Expected: at most 13 false alarms a day." in said.out


def test_long_names_are_cut_and_markup_is_shown_as_it_is(run: Run, odd: Path) -> None:
    said = run("bundle", "show", "--bundle", odd)
    assert "[red]Order[/red]" in said.out
    assert "[b]writes[/b] DynamoDB" in said.out
    assert "F" * 41 not in said.out
    assert "learning 9 of 20" in said.out
    assert "unknown" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 200


def test_one_function_is_looked_at_closely(run: Run, odd: Path) -> None:
    said = run("bundle", "show", "--bundle", odd, "--function", "[red]Order[/red]")
    assert said.out.startswith("[red]Order[/red] (shop)\n")
    assert "1: [b]writes[/b] DynamoDB (2 functions)" in said.out
    assert "triggered by        AWS::ApiGateway::Stage shop/prod (100 %)" in said.out
    assert "Usual run 1: " in said.out
    assert "PutItem on DynamoDB Orders" in said.out


def test_json_is_one_document(run: Run, bundle: Path) -> None:
    found = run("bundle", "show", "--bundle", bundle, "--json").json
    assert found["functions"][0]["state"] == "ready"
    assert found["settings"]["detection"]["budget"] == 0.003


def test_what_is_unknown_is_wrong_input(run: Run, bundle: Path, tmp_path: Path) -> None:
    for arguments in (["--bundle", bundle, "--function", "Lost"], ["--bundle", tmp_path]):
        said = run("bundle", "show", *arguments)
        assert said.status == 2
        assert is_one_sentence(said.err)


def test_help_has_an_example(run: Run) -> None:
    assert "coldtrail bundle show --bundle model" in run("bundle", "show", "--help").out


def test_names_stay_whole_where_accounts_and_regions_need_room(run: Run, tmp_path: Path) -> None:
    places = [("111122223333", "eu-west-1"), ("444455556666", "us-east-1")]
    flows = [
        replace(flow, account=account, region=region, function_flow_id=f"{region}-{flow.function_flow_id}")
        for account, region in places
        for flow in make_history(60)
    ]
    train(write_native(tmp_path / "history.jsonl", flows), tmp_path / "bundle")
    said = run("bundle", "show", "--bundle", tmp_path / "bundle").out
    assert said.count("Order (111122223333,") == 1 == said.count("Order (444455556666,")
