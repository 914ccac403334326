"""`coldtrail inspect`."""

from __future__ import annotations

import json
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
    said = run("inspect", path)
    assert f"coldtrail: lost: {path}, line 16: refused, as told below.\n" in said.err
    assert " ".join(said.out.split()).count("Refused: 1 document: ") == 1
    assert "1 refused as no known format" in said.out
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


def test_what_was_not_read_is_told_in_text_and_in_json(run: Run, tmp_path: Path) -> None:
    write_native(tmp_path / "a.jsonl", make_history(3))
    for name in ("trace.txt", "trace", "c.json.bak"):
        (tmp_path / name).write_bytes(b"{}")
    (tmp_path / "b.json").write_bytes(b'{"TraceSummaries": []}')
    said = run("inspect", tmp_path)
    assert "Passed over: 3 files" in said.out
    assert "(1 .bak, 1 .txt, 1 without a suffix)" in said.out
    assert "Refused: 1 document: These are trace summaries" in said.out
    assert "1 refused" in said.out
    found = run("inspect", tmp_path, "--json").json
    assert found["passed_over"] == {".bak": 1, ".txt": 1, "without a suffix": 1}
    assert found["formats"]["xray"] == {"read": 0, "refused": 1, "repeated": 0}
    assert sum(found["refused"].values()) == 1


def test_telemetry_without_a_flow_is_no_error(run: Run, tmp_path: Path) -> None:
    invocation = {
        "id": "a",
        "trace_id": "1-2",
        "name": "Charge",
        "origin": "AWS::Lambda",
        "start_time": 1.7e9,
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(invocation), encoding="utf-8")
    for verb, more in (("inspect", ()), ("flows", ("--output", tmp_path / "flows.jsonl"))):
        said = run(verb, path, *more)
        assert said.status == 0
        assert "turn active tracing on for Charge" in said.out
        assert "turn active tracing on for Charge" in " ".join(run(verb, path, *more, "--json").json["gaps"])


def test_functions_without_a_record_are_told_in_one_line(run: Run, tmp_path: Path) -> None:
    for number in range(20):
        invocation = {"id": "a", "trace_id": f"1-{number}", "name": f"F{number}", "origin": "AWS::Lambda"}
        path = tmp_path / f"{number:02}.json"
        path.write_text(json.dumps(invocation | {"start_time": 1.7e9}), encoding="utf-8")
    said = " ".join(run("inspect", tmp_path).out.split())
    assert said.count("without a record of their own") == 1
    assert "F0 (once), F1 (once), " in said
    assert "and 8 others." in said
    assert said.count("turn active tracing on for") == 1


def test_a_quiet_hour_is_told_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"events":[],"searchedLogStreams":[]}')
    said = run("inspect", tmp_path)
    assert (said.status, said.err) == (0, "")
    assert said.out == "1 answer was read, and it is empty, as of a quiet hour or of another place.\n"
    assert run("inspect", tmp_path, "--json").json["quiet"] == said.out.rstrip("\n")
