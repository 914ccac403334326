"""What no training gives is refused: a bundle that would judge nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import coldtrail
from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import MANIFEST
from coldtrail.bundle.parts import packed, unpacked
from coldtrail.bundle.plausible import check_judging
from coldtrail.config import DetectionSettings, LimitSettings, Settings
from coldtrail.errors import BundleError, ConfigError
from coldtrail.testing import make_history
from coldtrail.verbs.showing import show_bundle
from tests.verbs.telemetry_files import write_native

Forge = Callable[[dict[str, Any]], None]


@pytest.fixture
def forged(bundle: Path, tmp_path: Path) -> Path:
    shutil.copytree(bundle, tmp_path / "bundle")
    return tmp_path / "bundle"


def rewrite(folder: Path, forge: Forge) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    forge(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def set_(part: str, name: str, value: object) -> Forge:
    def forge(manifest: dict[str, Any]) -> None:
        manifest["settings"][part][name] = value

    return forge


def less(manifest: dict[str, Any]) -> None:
    manifest["functions"][0]["flows"] = 10


def none(manifest: dict[str, Any]) -> None:
    manifest["functions"], manifest["flows"] = [], 0


def timeless(manifest: dict[str, Any]) -> None:
    manifest["first_start"] = manifest["last_start"] + 1


SILENT: dict[str, Forge] = {
    "ready flows beyond the history": set_("detection", "ready_flows", 301),
    "ready flows far beyond it": set_("detection", "ready_flows", 10**9),
    "documents of a few bytes": set_("limits", "max_document_bytes", 100),
    "flows of one step": set_("limits", "max_events_per_flow", 1),
    "nothing held": set_("limits", "max_open_events", 1),
    "names of a letter": set_("limits", "max_name_chars", 1),
    "a depth of one": set_("limits", "max_depth", 1),
    "a wait of a week": set_("limits", "lateness_s", 7 * 86_400.0),
    "fewer flows of a function than learned": less,
    "no function": none,
    "a history that ends before it begins": timeless,
}


@pytest.mark.parametrize("forge", SILENT.values(), ids=SILENT.keys())
def test_a_manifest_by_which_nothing_is_judged_is_refused_by_all(forged: Path, forge: Forge) -> None:
    rewrite(forged, forge)
    for read in (load, show_bundle):
        with pytest.raises(BundleError, match=r"no training gives such a bundle: .*; train again\.$"):
            read(forged)


def forge_arrays(folder: Path, told: float, /, **changed: Callable[[Any], Any]) -> None:
    path = folder / "calibration.arrays"
    state = dict(unpacked(path.read_bytes()))
    for name, change in changed.items():
        state[name] = change(state[name])
    path.write_bytes(packed(state))

    def forge(manifest: dict[str, Any]) -> None:
        manifest["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest["threshold"] = told

    rewrite(folder, forge)


@pytest.mark.parametrize("threshold", [0.0, 1.0, 4.0, 6.0, 30.0, 1e15])
def test_a_threshold_beyond_what_the_budget_gives_is_refused(forged: Path, threshold: float) -> None:
    forge_arrays(forged, threshold, threshold=lambda _: np.array([threshold]))
    with pytest.raises(BundleError, match="gives no threshold of"):
        load(forged)


def test_the_threshold_of_the_manifest_is_that_of_the_calibration(forged: Path) -> None:
    forge_arrays(forged, 9.0)
    with pytest.raises(BundleError, match="not that of its calibration"):
        load(forged)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"totals": lambda old: old * 1e6}, "more flows than were learned"),
        ({"above": lambda old: old * 1e6}, "more flows above a score"),
        ({"least": lambda old: old + 1.0}, "of another budget"),
    ],
)
def test_a_calibration_by_which_all_is_common_is_refused(
    forged: Path, changed: dict[str, Callable[[Any], Any]], why: str
) -> None:
    threshold = json.loads((forged / MANIFEST).read_bytes())["threshold"]
    forge_arrays(forged, threshold, **changed)
    with pytest.raises(BundleError, match=why):
        load(forged)


def test_another_budget_in_the_settings_is_refused(forged: Path) -> None:
    rewrite(forged, set_("detection", "budget", 1e-9))
    with pytest.raises(BundleError, match="of another budget"):
        load(forged)


def test_such_a_bundle_is_not_made_either(tmp_path: Path) -> None:
    path = write_native(tmp_path / "in.jsonl", make_history(60))
    for settings in (
        Settings(detection=DetectionSettings(ready_flows=61)),
        Settings(limits=LimitSettings(max_events_per_flow=1)),
    ):
        with pytest.raises(ConfigError, match="would be judged"):
            coldtrail.train(path, tmp_path / "bundle", settings=settings)
    coldtrail.train(path, tmp_path / "bundle", settings=Settings(detection=DetectionSettings(ready_flows=60)))


def test_few_flows_are_no_reason_while_the_settings_are_the_usual_ones() -> None:
    check_judging(Settings(), 1)
    with pytest.raises(ConfigError, match="ready_flows is 51"):
        check_judging(Settings(detection=DetectionSettings(ready_flows=51)), 50)
