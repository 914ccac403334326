"""The verb `update`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from coldtrail.bundle.folder import load, read_baselines
from coldtrail.bundle.manifest import read_manifest
from coldtrail.detectors.signalling import ENCOUNTERS, KNOWN_BEFORE
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.testing import START, make_history
from coldtrail.verbs.scoring import score
from coldtrail.verbs.training import train
from coldtrail.verbs.updating import update
from tests.verbs.telemetry_files import stolen, write_native

DAY_S = 86_400.0


def test_a_bundle_learns_more_and_forgets_nothing(bundle: Path, tmp_path: Path) -> None:
    new = write_native(tmp_path / "new.jsonl", [*make_history(50, seed=2, prefix="n"), stolen()])
    summary = update(bundle, new, tmp_path / "b")
    counts = summary.update.counts
    assert (counts.read, counts.learned + counts.flagged) == (51, 51)
    assert [held.flow.function_flow_id for held in summary.update.left_out][-1] == "stolen"
    assert summary.manifest == read_manifest(tmp_path / "b")
    assert summary.manifest.flows == 300 + counts.learned
    assert summary.manifest_before == read_manifest(bundle)
    verdicts = score(tmp_path / "b", new).verdicts
    assert verdicts["anomalous"] >= 1


def test_the_new_bundle_may_take_the_place_of_the_old(bundle: Path, tmp_path: Path) -> None:
    new = write_native(tmp_path / "new.jsonl", make_history(50, seed=2, prefix="n"))
    first = update(bundle, new, tmp_path / "b")
    again = update(tmp_path / "b", new, tmp_path / "b")
    assert again.update.counts.already_known == first.update.counts.learned
    assert again.manifest.flows == first.manifest.flows
    for path in (tmp_path / "b").iterdir():
        assert path.is_file()
    assert load(tmp_path / "b", with_history=True)[0].history is not None


def write_metrics(path: Path, minutes: range, start: float = 1_700_000_040) -> Path:
    lines = [
        {"account": "1", "region": "eu-west-1", "function_name": "Pay", "period_s": 60, "invocations": 5}
        | {"start_time": start // 60 * 60 + 60 * minute}
        for minute in minutes
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def ready(bundle: Path) -> str:
    """What rates of the function still need."""
    signalling = read_baselines(bundle)
    assert signalling is not None
    (told,) = [needs for key, needs in signalling.not_ready().items() if key.function == "Pay"]
    return told.get("rates", "ready")


def test_a_bundle_of_metrics_learns_more_metrics_each_minute_once(tmp_path: Path) -> None:
    train(write_metrics(tmp_path / "a.jsonl", range(60)), tmp_path / "b")
    assert "1.0 of the" in ready(tmp_path / "b")
    more = write_metrics(tmp_path / "more.jsonl", range(30, 120))
    first = update(tmp_path / "b", more, tmp_path / "b")
    assert "2.0 of the" in ready(tmp_path / "b")
    assert (first.tally.counts[KNOWN_BEFORE], first.tally.counts[ENCOUNTERS]) == (30, 60)
    assert [one for one in first.tally.sentences() if "not learned again" in one]
    learned = (tmp_path / "b" / "baselines.arrays").read_bytes()
    update(tmp_path / "b", more, tmp_path / "b")
    assert (tmp_path / "b" / "baselines.arrays").read_bytes() == learned


def test_a_bundle_of_metrics_learns_no_run(tmp_path: Path) -> None:
    train(write_metrics(tmp_path / "a.jsonl", range(60)), tmp_path / "b")
    flows = write_native(tmp_path / "new.jsonl", make_history(5))
    summary = update(tmp_path / "b", flows, tmp_path / "b")
    assert (summary.update.counts.read, summary.update.counts.told_otherwise, summary.manifest.flows) == (
        5,
        5,
        0,
    )
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(ConfigError, match="holds no usable function flow"):
        update(tmp_path / "b", tmp_path / "empty.jsonl", tmp_path / "c")


def test_metrics_alone_are_learned_beside_the_flows_of_a_bundle(bundle: Path, tmp_path: Path) -> None:
    later = write_metrics(tmp_path / "m.jsonl", range(60), START + DAY_S)
    summary = update(bundle, later, tmp_path / "b")
    assert (summary.update.counts.read, summary.tally.counts[ENCOUNTERS]) == (0, 60)
    assert summary.manifest.flows == read_manifest(bundle).flows
    assert "1.0 of the" in ready(tmp_path / "b")
    assert not summary.tally.losses["late minute"]


def test_minutes_from_before_what_was_learned_are_told_to_count_in_no_rate(
    bundle: Path, tmp_path: Path
) -> None:
    earlier = write_metrics(tmp_path / "m.jsonl", range(60), START - DAY_S)
    summary = update(bundle, earlier, tmp_path / "b")
    assert summary.tally.counts[ENCOUNTERS] == summary.tally.losses["late minute"] == 60
    assert any("no rate counts it" in one for one in summary.tally.sentences())


def test_input_without_flows_changes_nothing(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(ConfigError, match="holds no usable function flow"):
        update(bundle, tmp_path / "empty.jsonl", tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_another_application_is_refused_and_nothing_written(bundle: Path, tmp_path: Path) -> None:
    other = write_native(tmp_path / "other.jsonl", make_history(5, function="Pay", prefix="p"))
    with pytest.raises(ConfigError, match="--other-application"):
        update(bundle, other, tmp_path / "b")
    assert not (tmp_path / "b").exists()
    assert update(bundle, other, tmp_path / "b", other_application=True).update.counts.learned == 5


def test_what_the_first_training_expected_is_not_told_of_the_new_bundle(bundle: Path, tmp_path: Path) -> None:
    new = write_native(tmp_path / "new.jsonl", make_history(50, seed=2, prefix="n"))
    assert read_manifest(bundle).metrics
    assert update(bundle, new, tmp_path / "b").manifest.metrics.keys() == {"alerts_a_day"}


def test_a_bundle_that_another_command_replaced_meanwhile_is_not_overwritten(
    bundle: Path, tmp_path: Path
) -> None:
    new = write_native(tmp_path / "new.jsonl", make_history(50, seed=2, prefix="n"))
    shutil.copytree(bundle, tmp_path / "b")
    others = []

    def meanwhile(stage: str, done: int, total: int) -> None:
        if stage == "judging":
            others.append(update(bundle, new, tmp_path / "other").manifest)
            shutil.rmtree(tmp_path / "b")
            (tmp_path / "other").rename(tmp_path / "b")

    with pytest.raises(ColdtrailError, match="another command replaced this bundle meanwhile"):
        update(tmp_path / "b", new, tmp_path / "b", progress=meanwhile)
    assert [read_manifest(tmp_path / "b")] == others
