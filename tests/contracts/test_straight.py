"""The law of columns: verdicts, alerts, shifts and report are byte for byte those that records give."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldtrail.assembly.from_documents import flows_from
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.formats.detect import parser_for
from coldtrail.formats.native import NativeParser
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.learning.train import learn
from coldtrail.pipeline import Judged, Pipeline
from coldtrail.records.columns import LeanFlow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.verbs.scoring import score
from coldtrail.verbs.training import train
from coldtrail_testbed.recorded import recorded_run
from tests.assembly.test_lean import documents
from tests.contracts.test_stages import last_words
from tests.fixtures.odd_traces import OddTraces
from tests.fixtures.telemetry import FUNCTIONS, Json, TraceBuilder, as_answered

FILES = ("output", "alerts", "ocsf", "report")


def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes records of every document."""
    monkeypatch.setattr(XRayParser, "straight", XRayParser.__call__)


@cache
def model() -> Model:
    """What was learned of odd traces, most of which are usual."""
    given, tally = documents(3, 0.01, 300), Tally()
    parser = parser_for("auto", Settings(), tally.counts)
    return learn(list(flows_from(given, parser, Settings(), tally)), Settings()).model


def words(given: list[Document]) -> tuple[bytes, int, Any]:
    """All that is told of documents, how many flows came as columns, and what was counted."""
    tally = Tally()
    line = Pipeline(model(), parser_for("auto", Settings(), tally.counts), Settings(), tally)
    told = [*line.push(given), *line.finish()]
    lean = sum(isinstance(one, Judged) and isinstance(one.flow, LeanFlow) for one in told)
    return last_words(told), lean, (tally.counts, tally.losses, tally.kept)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), odds=st.sampled_from([0.0, 0.02, 0.2]))
def test_random_traces_are_told_of_alike(monkeypatch: pytest.MonkeyPatch, seed: int, odds: float) -> None:
    given = documents(seed, odds, 25)
    found, lean, counted = words(given)
    assert lean or odds
    with monkeypatch.context() as without:
        plain(without)
        assert words(given) == (found, 0, counted)


def scored(bundle: Path, new: Path, folder: Path, **options: Any) -> dict[str, Any]:
    """The bytes of all that scoring writes, and what it counts."""
    folder.mkdir()
    files = {name: folder / f"{name}.{'html' if name == 'report' else 'jsonl'}" for name in FILES}
    summary = score(bundle, new, workers=1, **files, **options)
    told: dict[str, Any] = {name: path.read_bytes() for name, path in files.items() if name != "ocsf"}
    shifts = json.dumps([repr(one) for one in summary.shifts])
    return told | {"shifts": shifts, "counts": summary.tally.counts, "losses": summary.tally.kept}


@pytest.mark.parametrize("name", ["airline-benign", "vod-benign"])
def test_recorded_runs_are_told_of_alike(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = gzip.decompress(recorded_run(name).read_bytes()).splitlines()
    (tmp_path / "history.jsonl").write_bytes(b"\n".join(lines[:150]))
    (tmp_path / "new.jsonl").write_bytes(b"\n".join(map(changed, lines[100:260])))
    train(tmp_path / "history.jsonl", tmp_path / "bundle", workers=1)
    found = scored(tmp_path / "bundle", tmp_path / "new.jsonl", tmp_path / "columns")
    assert b'"anomalous"' in found["output"]
    with monkeypatch.context() as without:
        plain(without)
        assert scored(tmp_path / "bundle", tmp_path / "new.jsonl", tmp_path / "records") == found


@pytest.mark.parametrize("name", ["airline-benign", "vod-benign"])
def test_recorded_runs_teach_alike(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = gzip.decompress(recorded_run(name).read_bytes()).splitlines()
    (tmp_path / "history.jsonl").write_bytes(b"\n".join(lines[:200]))
    train(tmp_path / "history.jsonl", tmp_path / "columns", workers=1)
    with monkeypatch.context() as without:
        plain(without)
        train(tmp_path / "history.jsonl", tmp_path / "records", workers=1)
    assert learned(tmp_path / "columns") == learned(tmp_path / "records")


def learned(bundle: Path) -> dict[str, bytes]:
    """All files of a bundle but the one that says when it was made."""
    files = [one for one in sorted(bundle.rglob("*")) if one.is_file() and one.name != "manifest.json"]
    return {str(one.relative_to(bundle)): one.read_bytes() for one in files}


def test_what_becomes_slower_is_told_of_alike(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    builder = TraceBuilder(6)
    whole = [as_answered(builder.trace(*FUNCTIONS[:2])) for _ in range(900)]
    (tmp_path / "history.jsonl").write_text("\n".join(map(json.dumps, whole[:500])))
    later = [json.dumps(one) for one in whole[500:650]]
    later += [slower(builder.trace(*FUNCTIONS[:2])) for _ in range(150)]
    (tmp_path / "new.jsonl").write_text("\n".join(later))
    train(tmp_path / "history.jsonl", tmp_path / "bundle", workers=1)
    found = scored(tmp_path / "bundle", tmp_path / "new.jsonl", tmp_path / "columns")
    assert "own_time" in found["shifts"]
    with monkeypatch.context() as without:
        plain(without)
        assert scored(tmp_path / "bundle", tmp_path / "new.jsonl", tmp_path / "records") == found


def slower(trace: Json) -> str:
    """The trace, its functions a little slower."""
    for held in trace["Segments"]:
        if held["Document"].get("origin") == "AWS::Lambda::Function":
            held["Document"]["end_time"] += 0.03
    return json.dumps(as_answered(trace))


def changed(line: bytes) -> bytes:
    """Now and then something never met is done."""
    return line.replace(b"GetItem", b"DeleteItem") if line.count(b"7") % 5 == 0 else line


def test_state_that_is_put_away_between_calls_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = OddTraces(8, 0.02)
    parts: list[list[Json]] = [[made.trace() for _ in range(60)] for _ in range(4)]
    for number, part in enumerate(parts):
        again = parts[number - 1][-5:] if number else []
        text = "\n".join(json.dumps(one) for one in [*again, *part])
        (tmp_path / f"{number}.jsonl").write_text(text)
    train(tmp_path / "0.jsonl", tmp_path / "bundle", workers=1)
    told = []
    for way in ("columns", "records"):
        with monkeypatch.context() as without:
            if way == "records":
                plain(without)
            for number in (1, 2, 3):
                options = {"state": tmp_path / f"state-{way}"}
                folder = tmp_path / f"{way}-{number}"
                told.append(scored(tmp_path / "bundle", tmp_path / f"{number}.jsonl", folder, **options))
    assert told[:3] == told[3:]


def test_native_events_are_no_whole_trace() -> None:
    assert NativeParser.straight is NativeParser.__call__


def test_who_asks_for_words_gets_flows() -> None:
    given, tally = documents(5, 0.0, 20), Tally()
    line = Pipeline(model(), parser_for("auto", Settings(), tally.counts), Settings(), tally)
    told = [one for one in [*line.push(given), *line.finish()] if isinstance(one, Judged)]
    flows = list(flows_from(given, parser_for("auto", Settings()), Settings(), Tally()))
    assert [whole(one.flow) for one in told] == flows
