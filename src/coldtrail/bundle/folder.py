"""A trained model in one folder: arrays and JSON with a manifest of hashes, never pickle; written as a whole.

```
manifest.json      format and version, what was learned when and with which settings, a SHA-256 for each file
vocabulary.json    the words
profiles.json      how each function normally runs
calibration.npz    arrays; one more such file a detector, `detector-NAME.npz`
feedback.json      what people said of flows
history.npz        the sample of flows that learning more goes on from
shifts.npz         how each function runs over time
```
"""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from errno import EEXIST, ENOENT, ENOTEMPTY
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from coldtrail.bundle.history_state import restored, state_of
from coldtrail.bundle.manifest import (
    BROKEN,
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    Learned,
    Manifest,
    check_target,
    read_manifest,
    read_part,
)
from coldtrail.bundle.model import Model, channels_of, new_detectors
from coldtrail.config import check_settings
from coldtrail.detectors.drift import storing
from coldtrail.errors import BundleError, ColdtrailError, ConfigError
from coldtrail.features.arrays import Array, check
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile
from coldtrail.store.whole_folder import is_being_replaced, left_aside, put_back, write_folder
from coldtrail.verdicts import calibration
from coldtrail.verdicts.calibration import Calibration
from coldtrail.verdicts.feedback import Feedback

HISTORY = "history.npz"
SHIFTS = "shifts.npz"
_RACES = (ENOENT, ENOTEMPTY, EEXIST)
"""What a folder says that somebody else moves as well."""
_ATTEMPTS = 3
_REPLACING_S = 0.2
"""Far longer than it takes to move two folders."""

Arrays = dict[str, NDArray[np.generic]]


def save(
    model: Model,
    folder: Path,
    *,
    version: str,
    seed: int,
    span: tuple[float, float],
    metrics: dict[str, float] | None = None,
    replacing: Manifest | None = None,
) -> Manifest:
    """The manifest of the bundle written to a folder, which appears whole or not at all.

    An older bundle there is replaced; anything else there raises `ConfigError`, and a disk that does not take
    it `ColdtrailError`, as does another bundle there than that of `replacing`, if given.
    """
    check_target(folder)
    contents = _contents(model)
    manifest = Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        coldtrail_version=version,
        seed=seed,
        settings=model.settings,
        flows=sum(model.learned.values()),
        first_start=span[0],
        last_start=span[1],
        threshold=model.calibration.threshold_,
        metrics=metrics or {},
        functions=[
            Learned(*key, flows, tuple(sorted(model.versions.get(key, ()))))
            for key, flows in sorted(model.learned.items())
        ],
        files={name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    )
    contents[MANIFEST] = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    try:
        write_folder(contents, folder, _unchanged(folder, replacing))
    except OSError as error:
        if error.errno in _RACES:
            raise _changed(folder) from None
        raise ColdtrailError(f"{folder}: the bundle cannot be written: {error.strerror}.") from None
    return manifest


def _unchanged(folder: Path, replacing: Manifest | None) -> Callable[[Path], None]:
    def check(old: Path) -> None:
        if replacing is not None and read_manifest(old) != replacing:
            raise _changed(folder)

    return check


def _changed(folder: Path) -> ColdtrailError:
    return ColdtrailError(f"{folder}: another command replaced this bundle meanwhile; run this one again.")


def _contents(model: Model) -> dict[str, bytes]:
    contents = {
        "vocabulary.json": msgspec.json.encode(model.vocabulary.to_json()),
        "profiles.json": msgspec.json.encode(model.profiles),
        "feedback.json": msgspec.json.encode(model.feedback),
        "calibration.npz": _pack(model.calibration.state()),
    }
    for name, detector in model.detectors.items():
        contents[f"detector-{name}.npz"] = _pack(detector.state())
    if model.history is not None:
        contents[HISTORY] = _pack(state_of(model.history))
    if model.shifts is not None:
        contents[SHIFTS] = _pack(storing.state_of(model.shifts))
    return contents


def _pack(arrays: Arrays) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def load(folder: Path, *, with_history: bool = False) -> tuple[Model, Manifest]:
    """The model in a folder, each file checked against the manifest; raises `BundleError`.

    The history is large, and read only where it is asked for.
    """
    manifest, contents = _read(folder, with_history)
    try:
        return _model(manifest, contents), manifest
    except (
        *BROKEN,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        MemoryError,
        ConfigError,
        zipfile.BadZipFile,
    ) as error:
        raise BundleError(f"{folder}: the bundle is incomplete or damaged ({error}); train again.") from None


def _read(folder: Path, with_history: bool) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and the files of one bundle, though another may take its place meanwhile."""
    for attempt in range(_ATTEMPTS):
        if is_being_replaced(folder):
            time.sleep(_REPLACING_S)
        _check_not_left_aside(folder)
        manifest = read_manifest(folder)
        wanted = {name: digest for name, digest in manifest.files.items() if with_history or name != HISTORY}
        try:
            return manifest, {name: read_part(folder, name, digest) for name, digest in wanted.items()}
        except BundleError:
            if attempt == _ATTEMPTS - 1 or read_manifest(folder) == manifest:
                raise
    raise AssertionError("the last attempt returns or raises")


def _check_not_left_aside(folder: Path) -> None:
    old = left_aside(folder)
    if old is not None and not put_back(folder):
        raise BundleError(
            f"{folder}: there is no bundle here, since a command that was to replace it was ended too early; "
            f"the older bundle is {old}: move it back."
        )


def _model(manifest: Manifest, contents: dict[str, bytes]) -> Model:
    check_settings(manifest.settings, MANIFEST)
    vocabulary = Vocabulary.from_json(msgspec.json.decode(contents["vocabulary.json"]))
    known = {name: len(getattr(vocabulary, name)) for name in ("functions", "steps", "triggers")}
    detectors = new_detectors(manifest.settings.detection.detectors)
    for name, detector in detectors.items():
        detector.restore(_checked(contents[f"detector-{name}.npz"], detector.arrays, known))
    channels = channels_of(detectors)
    columns = known | {"channels": len(channels), "last_channel": len(channels) - 1}
    arrays = _checked(contents["calibration.npz"], calibration.ARRAYS, columns)
    shifts, history = contents.get(SHIFTS), contents.get(HISTORY)
    model = Model(
        settings=manifest.settings,
        vocabulary=vocabulary,
        detectors=detectors,
        calibration=Calibration(channels).restore(arrays),
        learned={one.key: one.flows for one in manifest.functions},
        profiles=msgspec.json.decode(contents["profiles.json"], type=list[Profile]),
        versions={one.key: frozenset(one.versions) for one in manifest.functions if one.versions},
        feedback=msgspec.json.decode(contents["feedback.json"], type=Feedback),
        shifts=None if shifts is None else storing.restored(_checked(shifts, storing.ARRAYS, known)),
        history=None if history is None else restored(vocabulary, _unpack(history)),
    )
    model.judge([_probe(key) for key in list(model.learned)[:1]])
    return model


def _probe(key: FunctionKey) -> Flow:
    """An empty run, which any sound model can judge."""
    account, region, application, function = key
    return Flow(application, "", function, "", 0.0, 0.0, (), (), (), 0.0, account=account, region=region)


def _unpack(data: bytes) -> Arrays:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise ValueError("a compressed array")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    for name, array in found.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{name} is not finite")
    return found


def _checked(data: bytes, declared: Sequence[Array], known: Mapping[str, int]) -> Arrays:
    """The arrays of a file, checked against their declaration."""
    arrays = _unpack(data)
    check(arrays, declared, known)
    return arrays
