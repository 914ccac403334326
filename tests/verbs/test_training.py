"""The verb `train`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import read_manifest
from coldtrail.config import DetectionSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.testing import START, make_history
from coldtrail.verbs.training import train
from tests.verbs.telemetry_files import write_native, write_xray


def test_telemetry_becomes_a_bundle(tmp_path: Path) -> None:
    summary = train(write_native(tmp_path / "in.jsonl", make_history(80)), tmp_path / "bundle", seed=9)
    manifest = read_manifest(tmp_path / "bundle")
    assert summary.manifest == manifest
    assert (manifest.flows, manifest.seed) == (80, 9)
    assert manifest.first_start == START
    assert manifest.last_start > START
    assert set(manifest.metrics) == {"later_alarms", "alerts_a_day"}
    assert summary.tally.counts["flows assembled"] == summary.training.flows == 80


def test_what_is_learned_does_not_depend_on_the_order_of_the_files(tmp_path: Path) -> None:
    history = make_history(80)
    one = write_native(tmp_path / "one.jsonl", history)
    first = write_native(tmp_path / "a.jsonl", history[40:])
    second = write_native(tmp_path / "b.jsonl", history[:40])
    train(one, tmp_path / "whole")
    train([first, second], tmp_path / "parts")
    for path in (tmp_path / "whole").iterdir():
        assert path.read_bytes() == (tmp_path / "parts" / path.name).read_bytes(), path.name


def test_every_function_of_xray_traces_is_learned(xray_bundle: Path) -> None:
    manifest = read_manifest(xray_bundle)
    assert len(manifest.functions) == 6
    assert manifest.flows == 800
    assert {learned.application_name for learned in manifest.functions} == {"shop"}


def test_chosen_detectors_and_settings_are_kept_in_the_bundle(tmp_path: Path) -> None:
    path = write_native(tmp_path / "in.jsonl", make_history(60))
    settings = Settings(detection=DetectionSettings(budget=0.02, ready_flows=10))
    train(path, tmp_path / "bundle", detector=["timing"], settings=settings)
    model, _ = load(tmp_path / "bundle")
    assert list(model.detectors) == ["timing"]
    assert (model.settings.detection.budget, model.settings.detection.ready_flows) == (0.02, 10)
    assert not (tmp_path / "bundle" / "detector-sequence.arrays").exists()


def test_bad_lines_are_counted_and_the_rest_is_learned(tmp_path: Path) -> None:
    path = write_native(tmp_path / "in.jsonl", make_history(60))
    path.write_bytes(b"{broken\n" + path.read_bytes() + b"[]\n")
    summary = train(path, tmp_path / "bundle")
    assert summary.manifest.flows == 60
    assert summary.tally.lost >= 1
    assert summary.tally.counts["documents read"] == (
        summary.tally.counts["documents parsed"] + summary.tally.counts["documents refused"]
    )


def test_a_folder_that_is_no_bundle_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"meow")
    with pytest.raises(ConfigError, match="this is no bundle and is not overwritten"):
        train(tmp_path / "absent.jsonl", tmp_path / "photos")


def test_input_without_flows_makes_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"holds no usable function flow: .*the file is empty\."):
        train(tmp_path / "empty.jsonl", tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    stages: list[str] = []
    path = write_xray(tmp_path / "in.jsonl.gz", 30)
    train(path, tmp_path / "bundle", progress=lambda stage, done, total: stages.append(stage))
    assert stages[-1] == "checking"


def test_of_a_quiet_hour_nothing_is_learned(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"events":[],"searchedLogStreams":[]}')
    with pytest.raises(ConfigError, match="There is nothing in it: 1 answer was read, and it is empty"):
        train(tmp_path / "a.json", tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()
