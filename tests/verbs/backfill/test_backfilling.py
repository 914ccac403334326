"""The verb `backfill`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from coldtrail.bundle.manifest import read_manifest
from coldtrail.errors import ConfigError
from coldtrail.testing import make_history
from coldtrail.verbs.backfill.backfilling import backfill
from coldtrail.verbs.training import train
from tests.verbs.doctor.settings import settings
from tests.verbs.telemetry_files import write_native


def history(folder: Path, flows: int = 60) -> Path:
    (folder / "telemetry").mkdir(exist_ok=True)
    return write_native(folder / "telemetry" / "one.jsonl", make_history(flows)).parent


def test_it_learns_what_train_would_learn_of_the_same_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = history(tmp_path)
    live = settings(tmp_path, kind="files", path=str(path), settle_s=0.0)
    done = backfill(live, 14.0, environment={})
    train(path, tmp_path / "other")
    assert read_manifest(tmp_path / "model").functions == read_manifest(tmp_path / "other").functions
    assert done.documents == sum(len(path.read_bytes().splitlines()) for path in path.iterdir())
    assert not any(one.startswith("Order: 60 of") for one in done.needs)
    assert sorted(one.name for one in (tmp_path / "data" / "backfill").iterdir()) == ["lock"]


def test_what_functions_still_need_is_told(tmp_path: Path) -> None:
    live = settings(tmp_path, kind="files", path=str(history(tmp_path, 10)), settle_s=0.0)
    assert backfill(live, 14.0, environment={}).needs == ["Order: 10 of 20 flows; not judged yet."]


def test_a_bundle_that_is_there_is_learned_anew_only_where_that_is_asked_for(tmp_path: Path) -> None:
    live = settings(tmp_path, kind="files", path=str(history(tmp_path)), settle_s=0.0)
    backfill(live, 14.0, environment={})
    with pytest.raises(ConfigError, match=r"there is a bundle already"):
        backfill(live, 14.0, environment={})
    assert backfill(live, 14.0, force=True, environment={}).training.training.flows == 60


def test_sources_that_cannot_be_asked_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"No source can be asked for what was\. otlp is sent telemetry"):
        backfill(settings(tmp_path, kind="otlp"), 14.0, environment={})


def test_the_budget_of_the_service_is_learned_by(tmp_path: Path) -> None:
    live = settings(tmp_path, kind="files", path=str(history(tmp_path)), settle_s=0.0)
    learning = msgspec.structs.replace(live.learning, budget_alerts_per_day=2.0)
    backfill(msgspec.structs.replace(live, learning=learning), 14.0, environment={})
    assert read_manifest(tmp_path / "model").settings.detection.alerts_a_day == 2.0
