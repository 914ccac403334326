"""Bundles: whole or not at all, the same model after as before, and refused in a sentence when damaged."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import coldtrail.bundle.folder
from coldtrail.bundle.folder import load, read_baselines, read_profiles, save
from coldtrail.bundle.manifest import FORMAT_VERSION, MANIFEST, Manifest, check_target, read_manifest
from coldtrail.bundle.model import Model
from coldtrail.bundle.parts import compressed, expanded, packed, unpacked
from coldtrail.config import Settings
from coldtrail.errors import BundleError, ColdtrailError, ConfigError
from coldtrail.learning.train import learn
from coldtrail.testing import make_flow, make_history
from tests.forgeries import forgeries
from tests.verbs.telemetry_files import GET, STEAL

SPAN = (1.0, 2.0)


def saved(model: Model, folder: Path) -> Path:
    save(model, folder, version="0.1", seed=7, span=SPAN, metrics={"later_alarms": 0.25})
    return folder


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    return saved(model, tmp_path / "bundle")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_bundle_judges_as_the_model_did(model: Model, folder: Path) -> None:
    again, _ = load(folder)
    flows = [*make_history(100, seed=3, prefix="t"), make_flow([GET, STEAL], flow_id="x")]
    assert again.judge(flows) == model.judge(flows)
    assert again.learned == model.learned
    assert again.profiles == model.profiles
    assert again.settings == model.settings


def test_the_manifest_says_what_was_learned(model: Model, folder: Path) -> None:
    manifest = read_manifest(folder)
    assert (manifest.format, manifest.format_version) == ("coldtrail-bundle", FORMAT_VERSION)
    assert (manifest.coldtrail_version, manifest.seed) == ("0.1", 7)
    assert (manifest.first_start, manifest.last_start) == SPAN
    assert manifest.flows == sum(model.learned.values()) == 600
    assert manifest.threshold == model.calibration.threshold_
    assert manifest.metrics == {"later_alarms": 0.25}
    (learned,) = manifest.functions
    assert (learned.application_name, learned.function_name, learned.flows) == ("shop", "Order", 600)


def test_the_manifest_holds_the_hash_of_every_other_file(folder: Path) -> None:
    held = files(folder)
    told = json.loads(held.pop(MANIFEST))["files"]
    assert told == {name: hashlib.sha256(data).hexdigest() for name, data in held.items()}


def test_a_bundle_is_arrays_and_json_and_no_pickle(folder: Path) -> None:
    for name, data in files(folder).items():
        if name.endswith(".arrays"):
            assert all(array.dtype.kind in "iufb" for array in unpacked(data).values())
        else:
            json.loads(expanded(data) if name.endswith(".json.zst") else data)


def test_the_same_model_gives_the_same_bytes(model: Model, folder: Path, tmp_path: Path) -> None:
    assert files(saved(model, tmp_path / "again")) == files(folder)


def test_an_older_bundle_is_replaced_and_nothing_else_is_left(model: Model, folder: Path) -> None:
    (folder / "stale.npz").write_bytes(b"old")
    saved(model, folder)
    assert not (folder / "stale.npz").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_an_empty_folder_may_become_a_bundle(model: Model, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    load(saved(model, tmp_path / "empty"))


def test_folders_above_are_made(model: Model, tmp_path: Path) -> None:
    load(saved(model, tmp_path / "a" / "b" / "bundle"))


def test_something_else_is_not_overwritten(model: Model, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"meow")
    (tmp_path / "notes").write_text("a file", encoding="utf-8")
    for name in ("photos", "notes"):
        with pytest.raises(ConfigError, match=f"{name}: this is no bundle and is not overwritten"):
            saved(model, tmp_path / name)
        with pytest.raises(ConfigError):
            check_target(tmp_path / name)
    assert (tmp_path / "photos" / "cat.png").read_bytes() == b"meow"


def test_a_failed_write_leaves_the_old_bundle_whole(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coldtrail.store.whole_folder.os.fsync", no_space)
    with pytest.raises(
        ColdtrailError, match=r"bundle: the bundle cannot be written: No space left on device\."
    ):
        saved(model, folder)
    assert files(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_a_bundle_that_cannot_take_its_place_leaves_the_old_one_there(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)

    def refused(one: Path, other: Path) -> bool:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr("coldtrail.store.whole_folder.exchange", refused)
    with pytest.raises(ColdtrailError, match="the bundle cannot be written: Permission denied"):
        saved(model, folder)
    assert files(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_an_interruption_before_it_takes_its_place_leaves_the_old_one_there(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)

    def interrupted(one: Path, other: Path) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("coldtrail.store.whole_folder.exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        saved(model, folder)
    assert files(folder) == before


def test_a_folder_without_a_bundle_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(BundleError, match=r"there is no bundle here .*`coldtrail train` makes one\."):
            load(path)


def test_an_older_bundle_that_was_left_aside_is_put_back_or_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = folder.parent / ".bundle-old-x1"
    aside.mkdir()
    folder.replace(aside / "folder")
    load(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]
    aside.mkdir()
    folder.replace(aside / "folder")
    monkeypatch.setattr("coldtrail.bundle.folder.put_back", lambda _: False)
    with pytest.raises(BundleError, match=rf"the older bundle is {aside}/folder: move it back\.$"):
        load(folder)
    (aside / "folder").replace(folder)
    load(folder)


Damage = Callable[[Path], Any]


def cut(name: str) -> Damage:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-10])


def flip(name: str) -> Damage:
    def damage(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / name).write_bytes(bytes(data))

    return damage


def rewrite(**fields: Any) -> Damage:
    def damage(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        (folder / MANIFEST).write_text(json.dumps(manifest | fields), encoding="utf-8")

    return damage


def replace_with_its_hash(name: str, data: bytes) -> Damage:
    """Damage that the hashes do not show."""

    def damage(folder: Path) -> None:
        (folder / name).write_bytes(data)
        told = json.loads((folder / MANIFEST).read_bytes())["files"]
        rewrite(files=told | {name: hashlib.sha256(data).hexdigest()})(folder)

    return damage


def arrays_of(**arrays: Any) -> bytes:
    return packed(arrays)


def arrays_in(path: Path) -> dict[str, Any]:
    return dict(unpacked(path.read_bytes()))


DAMAGES: dict[str, Damage] = {
    "calibration cut off": cut("calibration.arrays"),
    "detector changed": flip("detector-sequence.arrays"),
    "vocabulary changed": flip("vocabulary.json.zst"),
    "profiles missing": lambda folder: (folder / "profiles.json.zst").unlink(),
    "detector is a folder": lambda folder: (
        (folder / "detector-timing.arrays").unlink(),
        (folder / "detector-timing.arrays").mkdir(),
    ),
    "manifest empty": lambda folder: (folder / MANIFEST).write_bytes(b""),
    "manifest cut off": cut(MANIFEST),
    "manifest no object": lambda folder: (folder / MANIFEST).write_bytes(b"[1]"),
    "manifest no text": lambda folder: (folder / MANIFEST).write_bytes(b'{"format":"\xff\xfe"}'),
    "manifest too deep": lambda folder: (folder / MANIFEST).write_bytes(b'{"format":' + b"[" * 100_000),
    "another format": rewrite(format="someone-elses"),
    "a newer version": rewrite(format_version=FORMAT_VERSION + 1),
    "no version": rewrite(format_version=None),
    "wrong type": rewrite(flows="many"),
    "no files": rewrite(files={}),
    "a file outside": rewrite(files={"../outside.npz": "0" * 64}),
    "a name with a zero byte": rewrite(files={"a\0b": "0" * 64}),
    "an endless device": lambda folder: (
        (folder / "detector-timing.arrays").unlink(),
        (folder / "detector-timing.arrays").symlink_to("/dev/zero"),
    ),
    "no detectors": rewrite(settings={"detection": {"detectors": []}}),
    "an impossible limit": rewrite(settings={"limits": {"max_open_events": -1}}),
    "an unknown detector": rewrite(settings={"detection": {"detectors": ["magic"]}}),
    "an unknown setting": rewrite(settings={"detektion": {}}),
    "vocabulary no json": replace_with_its_hash("vocabulary.json.zst", compressed(b"{")),
    "vocabulary no text": replace_with_its_hash("vocabulary.json.zst", compressed(b'{"a":"\xff"}')),
    "vocabulary too deep": replace_with_its_hash("vocabulary.json.zst", compressed(b"[" * 100_000)),
    "vocabulary of another shape": replace_with_its_hash(
        "vocabulary.json.zst", compressed(b'{"functions":[[]]}')
    ),
    "profiles of another shape": replace_with_its_hash("profiles.json.zst", compressed(b'[{"name":1}]')),
    "arrays no archive": replace_with_its_hash("detector-novelty.arrays", b"no archive"),
    "arrays missing": replace_with_its_hash("detector-novelty.arrays", arrays_of(other=np.zeros(3))),
    "a text that is not compressed": replace_with_its_hash("vocabulary.json.zst", b"{}"),
    "complex arrays": replace_with_its_hash("shifts.arrays", arrays_of(calls_points=np.zeros(3) * 1j)),
    "arrays of words": replace_with_its_hash("shifts.arrays", arrays_of(calls_points=np.array(["a", "b"]))),
    "a pickle": replace_with_its_hash("calibration.arrays", b"\x80\x04K\x01."),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_or_unknown_bundle_is_refused_in_a_sentence(
    model: Model, tmp_path: Path, damage: Damage
) -> None:
    folder = saved(model, tmp_path / "bundle")
    damage(folder)
    with pytest.raises(BundleError) as caught:
        load(folder)
    message = str(caught.value)
    assert "bundle" in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 500


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("history.arrays", {}),
        ("profiles.json.zst", {"with_profiles": False}),
    ],
)
def test_a_part_that_nobody_asks_for_is_not_opened(
    model: Model, folder: Path, name: str, asked: dict[str, bool]
) -> None:
    (folder / name).unlink()
    again, _ = load(folder, **asked)
    assert again.judge(make_history(5)) == model.judge(make_history(5))
    with pytest.raises(BundleError, match=f"{name}: the bundle cannot be read"):
        load(folder, with_history=True)


@pytest.mark.parametrize("damage", [cut, flip])
def test_damage_of_each_part_is_told_by_who_reads_it(
    model: Model, folder: Path, damage: Callable[[str], Damage]
) -> None:
    for name in read_manifest(folder).files:
        saved(model, folder)
        damage(name)(folder)
        with pytest.raises(BundleError, match=rf"{name}: the file is not the one that was trained"):
            load(folder, with_history=True)


def test_profiles_are_read_alone(model: Model, folder: Path) -> None:
    for name in read_manifest(folder).files:
        if name != "profiles.json.zst":
            (folder / name).unlink()
    assert read_profiles(folder) == model.profiles
    flip("profiles.json.zst")(folder)
    with pytest.raises(BundleError, match="the file is not the one that was trained"):
        read_profiles(folder)


def test_a_manifest_cannot_lead_outside_the_bundle(model: Model, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.npz").write_bytes(b"secret")
    digest = hashlib.sha256(b"secret").hexdigest()
    told = json.loads((folder / MANIFEST).read_bytes())["files"]
    rewrite(files=told | {"../outside.npz": digest})(folder)
    with pytest.raises(BundleError, match="names a file outside the bundle"):
        load(folder)


def test_a_bundle_can_be_moved(model: Model, folder: Path, tmp_path: Path) -> None:
    shutil.move(folder, tmp_path / "elsewhere")
    again, _ = load(tmp_path / "elsewhere")
    assert again.judge(make_history(5)) == model.judge(make_history(5))


@pytest.mark.parametrize(
    ("name", "array", "value"),
    [
        ("calibration.arrays", "values", np.nan),
        ("calibration.arrays", "threshold", np.inf),
        ("detector-timing.arrays", "rows", np.nan),
    ],
)
def test_a_forged_array_that_is_not_finite_is_refused(
    folder: Path, name: str, array: str, value: float
) -> None:
    forged = arrays_in(folder / name)
    forged[array] = np.full_like(forged[array], value)
    replace_with_its_hash(name, arrays_of(**forged))(folder)
    with pytest.raises(BundleError, match="not finite"):
        load(folder)


def test_a_forged_bundle_that_cannot_judge_is_refused(folder: Path) -> None:
    forged = arrays_in(folder / "calibration.arrays")
    forged["tails"], forged["values"] = forged["tails"][:0], forged["values"][:0]
    replace_with_its_hash("calibration.arrays", arrays_of(**forged))(folder)
    with pytest.raises(BundleError, match="damaged"):
        load(folder)


@pytest.mark.parametrize("name", ["calibration.arrays", "shifts.arrays", "detector-presence.arrays"])
def test_a_forged_array_is_refused_in_a_sentence_or_judged_by(folder: Path, name: str) -> None:
    state = arrays_in(folder / name)
    flows = [*make_history(3, seed=3, prefix="t"), make_flow([GET, STEAL], flow_id="x")]
    told = []
    for array in state:
        for _, forged in forgeries(state[array]):
            replace_with_its_hash(name, arrays_of(**state | {array: forged}))(folder)
            try:
                model, _ = load(folder)
            except BundleError as error:
                told.append(str(error))
                continue
            assert all(np.isfinite([one.score, one.p_value]).all() for one in model.judge(flows))
    sentence = re.compile(
        r"[^\n]*: (the bundle is incomplete or damaged \([^\n]{9,200}\)|"
        r"no training gives such a bundle: [^\n]+); train again\."
    )
    assert all(map(sentence.fullmatch, told))
    assert len(told) > len(state)


def test_hashes_change_only_with_the_version_of_the_format(folder: Path) -> None:
    """An older bundle, read by newer hashes, would take every run for strange: raise `FORMAT_VERSION`."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("detector-*.arrays")):
        arrays = arrays_in(path)
        for name in sorted(name for name in arrays if arrays[name].dtype == np.uint64):
            digest.update(name.encode() + np.sort(arrays[name]).astype("<u8").tobytes())
    assert (FORMAT_VERSION, digest.hexdigest()[:16]) == (19, "fcd0928762737b12")


@pytest.mark.parametrize("name", ["totals_values", "ranges"])
def test_a_forged_table_of_another_length_is_refused(folder: Path, name: str) -> None:
    forged = arrays_in(folder / "detector-sequence.arrays")
    forged[name] = forged[name][:1]
    replace_with_its_hash("detector-sequence.arrays", arrays_of(**forged))(folder)
    with pytest.raises(BundleError, match="damaged"):
        load(folder)


def test_of_two_that_replace_one_bundle_only_the_first_does(model: Model, folder: Path) -> None:
    both_read = read_manifest(folder)
    first = save(model, folder, version="first", seed=7, span=SPAN, replacing=both_read)
    with pytest.raises(ColdtrailError, match=r"another command replaced this bundle meanwhile"):
        save(model, folder, version="second", seed=7, span=SPAN, replacing=both_read)
    assert read_manifest(folder) == first
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_a_bundle_that_vanishes_while_it_is_replaced_is_told(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(one: Path, other: Path) -> bool:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("coldtrail.store.whole_folder.exchange", too_late)
    with pytest.raises(ColdtrailError, match=r"run this one again\.$"):
        saved(model, folder)


def test_a_bundle_that_is_just_being_moved_is_waited_for(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = folder.parent / ".bundle-old-1"
    aside.mkdir()
    folder.replace(aside / "folder")
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        (aside / "folder").replace(folder)

    monkeypatch.setattr("coldtrail.bundle.folder.time.sleep", wait)
    assert load(folder)[1].flows == 600
    assert len(waits) == 1


SLIGHTLY = 2.0**-24


def test_a_bundle_replaced_while_it_is_read_is_read_again(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = coldtrail.bundle.folder.read_manifest

    def then_replaced(folder: Path) -> Manifest:
        manifest = reading(folder)
        if manifest.coldtrail_version == "0.1":
            model.calibration.threshold_ += SLIGHTLY
            save(model, folder, version="0.2", seed=7, span=SPAN)
        return manifest

    before = model.calibration.threshold_
    monkeypatch.setattr("coldtrail.bundle.folder.read_manifest", then_replaced)
    again, manifest = load(folder)
    model.calibration.threshold_ = before
    assert manifest.coldtrail_version == "0.2"
    assert again.calibration.threshold_ == manifest.threshold == before + SLIGHTLY


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_a_place_where_no_folder_can_be_made_is_told_as_it_is(model: Model) -> None:
    with pytest.raises(ColdtrailError, match="the bundle cannot be written: No such file or directory"):
        saved(model, Path("/proc/absent/bundle"))


def test_damaged_baselines_are_refused_by_the_name_of_the_bundle(tmp_path: Path) -> None:
    model = replace(learn(make_history(40), Settings()).model, baselines={"rates/x": np.zeros(1)})
    folder = tmp_path / "b"
    save(model, folder, version="1", seed=0, span=(0.0, 1.0))
    for read in (load, read_baselines):
        with pytest.raises(
            BundleError, match=f"^{re.escape(str(folder))}: the bundle is incomplete or damaged .*damaged"
        ):
            read(folder)
