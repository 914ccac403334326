"""The verbs of the service: what it keeps is listed and decided on while it may be running."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coldtrail.registry import LIVE_SOURCES
from coldtrail.testing import START, make_history
from tests.cli.command import Run
from tests.service.members import LINES
from tests.verbs.telemetry_files import native_lines, stolen


@pytest.fixture
def config(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """The settings of a service that has watched one theft."""
    monkeypatch.setitem(LIVE_SOURCES, "lines", LINES["lines"])
    flows = [*make_history(60, seed=5, prefix="n"), stolen("one", START + 20), stolen("two", START + 45)]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(native_lines(flows)) + b"\n")
    path = tmp_path / "coldtrail.toml"
    path.write_text(
        f'[service]\nbundle = "{bundle}"\ndata = "{tmp_path}/data"\nlisten = ""\n'
        f'[[source]]\nkind = "lines"\npath = "{tmp_path}/in.jsonl"\n',
        encoding="utf-8",
    )
    said = run("watch", "--config", path, "--until-done")
    assert said.status == 0, said.err
    assert "62 flows judged; 1 alerts are open" in said.err
    return path


def test_an_alert_is_listed_shown_and_decided_on(config: Path, run: Run) -> None:
    (listed,) = run("alerts", "list", "--config", config, "--json").json["alerts"]
    id = listed["alert"]["id"]
    assert (listed["episode"]["state"], listed["episode"]["count"]) == ("open", 2)
    assert id in run("alerts", "list", "--config", config).out
    assert run("alerts", "ack", id[:8], "--config", config, "--by", "ann").status == 0
    assert run("alerts", "assign", id, "--to", "bob", "--config", config, "--by", "ann").status == 0
    assert run("alerts", "accept", id, "--note", "known", "--config", config, "--by", "ann").status == 0
    closed = run("alerts", "close", id, "--as", "benign", "--config", config, "--by", "ann")
    assert "closed, benign, accepted, to bob" in re.sub(r"\s+", " ", closed.out)
    shown = run("alerts", "show", id, "--config", config)
    assert "loot" in shown.out
    assert "ann: close (benign)" in shown.out
    decided = run("alerts", "show", id, "--config", config, "--json").json["decisions"]
    assert [one["what"] for one in decided] == ["acknowledge", "assign", "accept", "close"]
    assert run("alerts", "list", "--config", config).out == "No alerts.\n"
    assert id in run("alerts", "list", "--all", "--config", config).out


def test_what_was_accepted_is_learned_by_the_next_update(
    config: Path, bundle: Path, tmp_path: Path, run: Run
) -> None:
    (listed,) = run("alerts", "list", "--config", config, "--json").json["alerts"]
    run("alerts", "accept", listed["alert"]["id"], "--config", config, "--by", "ann")
    said = run("alerts", "feedback", "--config", config, "--output", tmp_path / "said.jsonl")
    assert said.out.startswith("2 remarks written")
    learned = ("--input", tmp_path / "in.jsonl", "--feedback", tmp_path / "said.jsonl")
    updated = run("update", "--bundle", bundle, *learned, "--output", tmp_path / "next")
    assert updated.status == 0, updated.err
    again = run(
        "score",
        "--bundle",
        tmp_path / "next",
        "--input",
        tmp_path / "in.jsonl",
        "--output",
        tmp_path / "v",
        "--json",
    )
    assert again.json["alerts"] == []


def test_decisions_outlive_the_next_service(config: Path, run: Run) -> None:
    (listed,) = run("alerts", "list", "--config", config, "--json").json["alerts"]
    run("alerts", "close", listed["alert"]["id"], "--config", config, "--by", "ann")
    assert "0 alerts are open" in run("watch", "--config", config, "--until-done").err
    assert run("alerts", "list", "--config", config, "--json").json["alerts"] == []


def test_a_case_is_listed_and_shown(config: Path, run: Run) -> None:
    (case,) = run("cases", "list", "--config", config, "--json").json["cases"]
    assert case["id"] in run("cases", "list", "--config", config).out
    assert run("cases", "show", case["id"], "--config", config, "--json").json == case
    assert run("cases", "show", case["id"], "--config", config).status == 0


def test_a_silence_is_made_listed_and_ended(config: Path, run: Run) -> None:
    add = ("silences", "add", "--config", config, "--by", "ann")
    said = run(*add, "--match", "function=Order", "--for", "7d", "--comment", "ours", "--json")
    assert said.json["created_by"] == "ann"
    assert "function=Order" in run("silences", "list", "--config", config).out
    assert run("silences", "expire", said.json["id"], "--config", config, "--by", "bob").status == 0
    assert run("silences", "list", "--config", config).out == "No silences.\n"
    assert said.json["id"] in run("silences", "list", "--all", "--config", config).out
    assert run(*add, "--match", "function=Order", "--comment", "x").status == 2
    assert run(*add, "--match", "function=Order", "--for", "91d", "--comment", "x").status == 2


def test_the_outbox_is_empty_where_nobody_is_told(config: Path, run: Run) -> None:
    assert run("outbox", "list", "--config", config).out == "No messages were given up.\n"
    assert run("outbox", "list", "--config", config, "--json").json == {"deliveries": [], "next": ""}
    assert run("outbox", "replay", "--all", "--config", config).out == "0 messages are due again.\n"


@pytest.mark.parametrize("verb", [("alerts", "list"), ("alerts", "show", "x"), ("cases", "list")])
def test_where_no_service_ever_ran_that_is_said(tmp_path: Path, run: Run, verb: tuple[str, ...]) -> None:
    path = tmp_path / "coldtrail.toml"
    path.write_text(f'[service]\ndata = "{tmp_path}/none"\n', encoding="utf-8")
    said = run(*verb, "--config", path)
    assert (said.status, said.out) == (2, "")
    assert "no database there yet" in said.err
    assert "no such settings file" in run(*verb, "--config", tmp_path / "none.toml").err
