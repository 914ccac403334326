"""The verb `update`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import read_manifest
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.testing import make_history
from coldtrail.verbs.scoring import score
from coldtrail.verbs.updating import update
from tests.verbs.telemetry_files import stolen, write_native


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
