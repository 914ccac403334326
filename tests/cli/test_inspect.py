"""`coldtrail inspect`."""

from __future__ import annotations

from pathlib import Path

from coldtrail.testing import make_flow, make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import USUAL, write_native, write_xray


def test_what_is_in_the_telemetry_is_told(run: Run, tmp_path: Path) -> None:
    write_native(tmp_path / "a.jsonl", make_history(3))
    write_xray(tmp_path / "b.jsonl.gz", 5)
    said = run("inspect", tmp_path)
    assert (said.status, said.err) == (0, "")
    assert "8 traces, 13 function flows of 7 functions" in said.out
    assert "shop-prod-pay" in said.out
    assert "h00000001" in said.out
    assert "Sampling: " in said.out


def test_many_invocations_are_listed_only_where_asked(run: Run, tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", make_history(100))
    few = run("inspect", path)
    assert "h00000099" not in few.out
    assert "100 invocations; --flows lists them." in few.out
    assert "h00000099" in run("inspect", path, "--flows").out


def test_json_is_one_document(run: Run, tmp_path: Path) -> None:
    found = run("inspect", write_native(tmp_path / "a.jsonl", make_history(3)), "--json").json
    assert (found["flows"], found["traces"], len(found["invocations"])) == (3, 3, 3)
    assert found["functions"][0]["function_name"] == "Order"


def test_accounts_and_regions_are_columns_where_they_differ(run: Run, tmp_path: Path) -> None:
    flows = [
        make_flow(USUAL, flow_id=account, account=account, region="eu-north-1")
        for account in ("111111111111", "222222222222")
    ]
    one = run("inspect", write_native(tmp_path / "a.jsonl", flows[:1]))
    assert "Account" not in one.out
    both = run("inspect", write_native(tmp_path / "a.jsonl", flows))
    assert "Account" in both.out
    assert "Region" not in both.out
    found = run("inspect", tmp_path / "a.jsonl", "--json").json
    assert [(row["account"], row["region"]) for row in found["functions"]] == [
        ("111111111111", "eu-north-1"),
        ("222222222222", "eu-north-1"),
    ]


def test_settings_are_taken(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "coldtrail.toml"
    config.write_text("[[applications.rules]]\nfunctions = '.+'\napplication = 'all'\n", encoding="utf-8")
    found = run("inspect", write_xray(tmp_path / "a.jsonl.gz", 3), "--config", config, "--json").json
    assert {one["application_name"] for one in found["functions"]} == {"all"}


def test_losses_are_told_and_nothing_usable_is_wrong_input(run: Run, tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", make_history(3))
    path.write_bytes(path.read_bytes() + b"{broken\n")
    assert f"coldtrail: lost: {path}, line" in run("inspect", path).err
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    said = run("inspect", empty)
    assert said.status == 2
    assert is_one_sentence(said.err)


def test_names_with_markup_are_shown_as_they_are(run: Run, tmp_path: Path) -> None:
    path = write_native(
        tmp_path / "a.jsonl", [make_flow(USUAL, function="[red]Order[/red]", flow_id="[bold]f")]
    )
    said = run("inspect", path)
    assert "[red]Order[/red]" in said.out
    assert "[bold]f" in said.out
