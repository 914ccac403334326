"""The verb `doctor`."""

from __future__ import annotations

from pathlib import Path

from coldtrail.testing import make_history
from coldtrail.verbs.doctor.examining import examine
from coldtrail.verbs.training import train
from tests.verbs.doctor.settings import settings
from tests.verbs.telemetry_files import write_native


def test_all_parts_are_looked_at_and_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "telemetry").mkdir()
    history = write_native(tmp_path / "telemetry" / "one.jsonl", make_history(60))
    train(history, tmp_path / "model")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    looked: list[str] = []
    found = examine(
        settings(tmp_path, kind="files", path=str(history.parent), settle_s=0.0),
        environment={},
        tell=looked.append,
    )
    assert [one for one in found if one.level == "mend"] == []
    abouts = [one.about for one in found]
    assert abouts[:4] == ["data", "store", "bundle", "source files"]
    assert {"telemetry", "sampling", "cost", "function Order", "channels"} <= set(abouts)
    assert looked == ["data, store and bundle", "source files", "what is traced"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_settings_without_a_source_must_be_mended(tmp_path: Path) -> None:
    found = examine(settings(tmp_path), environment={})
    assert [one.about for one in found if one.level == "mend"] == ["bundle", "sources"]
