"""Scoring and training by several workers: byte for byte what one gives."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import ColdtrailError
from coldtrail.verbs import workers
from coldtrail.verbs.scoring import ScoreSummary, score
from coldtrail.verbs.training import train
from coldtrail.verbs.updating import update
from coldtrail_testbed.recorded import recorded_run
from tests.fixtures.telemetry import TraceBuilder, payload_of
from tests.verbs.shared_telemetry import write_mixed


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers even for little."""
    monkeypatch.setattr(workers, "LEAST_BYTES", 1)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A bundle of the first half of a recorded run, and the second half in files that traces cross."""
    folder = tmp_path_factory.mktemp("recorded")
    lines = gzip.decompress(recorded_run("vod-benign").read_bytes()).splitlines()
    (folder / "history.jsonl").write_bytes(b"\n".join(lines[:200]))
    train(folder / "history.jsonl", folder / "bundle", workers=1)
    new = folder / "new"
    new.mkdir()
    pieces = [part["Document"].encode() for line in lines[200:] for part in json.loads(line)["Segments"]]
    for number in range(3):
        (new / f"{number}.jsonl").write_bytes(b"\n".join(pieces[number::3]))
    return folder / "bundle", new


Outcome = dict[str, Any]


def outcome(bundle: Path, new: Path, folder: Path, number: int, **options: Any) -> Outcome:
    """All that scoring with so many workers gives."""
    folder.mkdir()
    files = {name: folder / f"{name}.jsonl" for name in ("output", "alerts", "ocsf")}
    summary = score(bundle, new, workers=number, **files, **options)
    told: Outcome = {name: path.read_bytes() for name, path in files.items()}
    told["ocsf"] = len(told["ocsf"])
    return told | _told(summary)


def _told(summary: ScoreSummary) -> Outcome:
    tally = summary.tally
    losses = list(tally.losses.items()), tally.examples, tally.kept, tally.sentences()
    return {
        "counts": tally.counts,
        "losses": losses,
        "shifts": summary.shifts,
        "span": summary.span,
        "report": summary.for_report(),
        "functions": summary.functions,
    }


@pytest.mark.parametrize("number", [2, 3])
def test_recorded_telemetry(recorded: tuple[Path, Path], number: int, tmp_path: Path) -> None:
    one = outcome(*recorded, tmp_path / "one", 1)
    assert one["counts"]["flows scored"] > 500
    assert outcome(*recorded, tmp_path / "many", number) == one


@pytest.mark.parametrize("options", [{}, {"only_anomalous": True}])
def test_mixed_and_broken_telemetry(xray_bundle: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    mixed = write_mixed(tmp_path / "mixed")
    one = outcome(xray_bundle, mixed, tmp_path / "one", 1, **options)
    assert one["counts"]["documents refused"]
    assert outcome(xray_bundle, mixed, tmp_path / "many", 2, **options) == one


def test_telemetry_that_contradicts_itself(xray_bundle: Path, tmp_path: Path) -> None:
    """Forged copies of runs, of functions that were learned or not, in other files than the runs."""
    builder, new = TraceBuilder(5), tmp_path / "new"
    new.mkdir()
    traces = [builder.trace("shop-prod-pay", "shop-prod-never") for _ in range(40)]
    held = [part["Document"] for trace in traces[::3] for part in trace["Segments"]]
    forged = [
        one | {"end_time": one["end_time"] + 1} for one in held if one["origin"] == "AWS::Lambda::Function"
    ]
    (new / "a.jsonl").write_bytes(b"\n".join(map(payload_of, traces)))
    (new / "b.jsonl").write_bytes(b"\n".join(json.dumps(one).encode() for one in forged))
    one = outcome(xray_bundle, new, tmp_path / "one", 1)
    kinds = [json.loads(line)["kind"] for line in one["alerts"].splitlines()]
    assert kinds.count("contradiction") == 1
    assert outcome(xray_bundle, new, tmp_path / "many", 3) == one


def test_what_workers_cannot_share_one_does_alone(xray_bundle: Path, tmp_path: Path) -> None:
    builder = TraceBuilder(3)
    lines = [payload_of(builder.trace("shop-prod-pay")) for _ in range(4)]
    lines[2] = lines[2][:-1] + b',"Id":"1-another"}'
    new = tmp_path / "new.jsonl"
    new.write_bytes(b"\n".join(lines))
    assert outcome(xray_bundle, new, tmp_path / "many", 2) == outcome(xray_bundle, new, tmp_path / "one", 1)


def test_training_and_updating_give_the_same_bundle(tmp_path: Path) -> None:
    lines = gzip.decompress(recorded_run("vod-benign").read_bytes()).splitlines()
    for name, some in (("history", lines[:200]), ("new", lines[200:])):
        (tmp_path / f"{name}.jsonl").write_bytes(b"\n".join(some))
    for number in (1, 2):
        train(tmp_path / "history.jsonl", tmp_path / f"bundle-{number}", workers=number)
        update(
            tmp_path / f"bundle-{number}",
            tmp_path / "new.jsonl",
            tmp_path / f"updated-{number}",
            workers=number,
        )
    for kind in ("bundle", "updated"):
        one, two = (
            {file.name: file.read_bytes() for file in (tmp_path / f"{kind}-{n}").iterdir()} for n in (1, 2)
        )
        assert one == two


def test_a_worker_that_fails_ends_it_with_one_sentence(
    xray_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = write_mixed(tmp_path / "mixed")
    monkeypatch.setattr(workers.sys, "executable", "/bin/false")
    with pytest.raises(ColdtrailError, match="ended early, with status 1"):
        score(xray_bundle, mixed, tmp_path / "out.jsonl", workers=2)
    assert not (tmp_path / "out.jsonl").exists()
