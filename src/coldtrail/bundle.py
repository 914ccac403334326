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
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from coldtrail.calibration import Calibration
from coldtrail.config import Settings, check_settings
from coldtrail.errors import BundleError, ColdtrailError, ConfigError
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.feedback import Feedback
from coldtrail.history import History
from coldtrail.model import Model, new_detectors
from coldtrail.records import Flow, Profile
from coldtrail.shifts.storing import restored, state_of

FORMAT = "coldtrail-bundle"
FORMAT_VERSION = 4
"""To be raised with whatever makes older bundles mean something else: their arrays, or the hashes in them."""
MANIFEST = "manifest.json"
HISTORY = "history.npz"
SHIFTS = "shifts.npz"
MAX_FILE_BYTES = 2**31
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Arrays = dict[str, NDArray[np.generic]]


class Learned(Struct, frozen=True):
    """How much was learned of one function."""

    application_name: str
    function_name: str
    flows: int
    versions: tuple[str, ...] = ()


class Manifest(Struct, frozen=True, kw_only=True):
    """What a bundle says of itself."""

    format: str
    format_version: int
    coldtrail_version: str
    seed: int
    settings: Settings
    flows: int
    first_start: float
    """Start of the earliest flow learned, UTC epoch seconds."""
    last_start: float
    threshold: float
    functions: list[Learned]
    metrics: dict[str, float] = {}
    files: dict[str, str] = {}
    """SHA-256 of each other file."""


def save(
    model: Model,
    folder: Path,
    *,
    version: str,
    seed: int,
    span: tuple[float, float],
    metrics: dict[str, float] | None = None,
) -> Manifest:
    """The manifest of the bundle written to a folder, which appears whole or not at all.

    An older bundle there is replaced; anything else there raises `ConfigError`, and a disk that does not take
    it `ColdtrailError`.
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
        _write(contents, folder)
    except OSError as error:
        raise ColdtrailError(f"{folder}: the bundle cannot be written: {error.strerror}.") from None
    return manifest


def check_target(folder: Path) -> None:
    """Nothing; raises `ConfigError` where a folder holds something that is no bundle."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise ConfigError(f"{folder}: this is no bundle and is not overwritten; choose another folder.")


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
        contents[HISTORY] = _pack(model.history.state())
    if model.shifts is not None:
        contents[SHIFTS] = _pack(state_of(model.shifts))
    return contents


def _pack(arrays: Arrays) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def _write(contents: dict[str, bytes], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, data in contents.items():
            with (fresh / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        fresh.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.replace(old / "bundle")
            try:
                fresh.replace(folder)
            except BaseException:
                (old / "bundle").replace(folder)
                raise
            finally:
                shutil.rmtree(old)
        else:
            fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_manifest(folder: Path) -> Manifest:
    """What the bundle in a folder says of itself; raises `BundleError`."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"{folder}: there is no bundle here (no {MANIFEST}); `coldtrail train` makes one.")
    raw = _read(path)
    try:
        head = msgspec.json.decode(raw, type=dict[str, Any])
        found = head.get("format"), head.get("format_version")
        if found != (FORMAT, FORMAT_VERSION):
            raise BundleError(
                f"{folder}: the bundle is of format {found[0]!r} version {found[1]!r}; this Coldtrail reads "
                f"{FORMAT!r} version {FORMAT_VERSION}. Train again."
            )
        return msgspec.json.decode(raw, type=Manifest)
    except _BROKEN as error:
        raise BundleError(f"{path}: the manifest is damaged ({error}); train again.") from None


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BundleError(f"{path}: this is no file, as each part of a bundle must be; train again.")
        if status.st_size > MAX_FILE_BYTES:
            raise BundleError(f"{path}: larger than any bundle file; train again.")
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: the bundle cannot be read: {error.strerror}; train again.") from None


def load(folder: Path, *, with_history: bool = False) -> tuple[Model, Manifest]:
    """The model in a folder, each file checked against the manifest; raises `BundleError`.

    The history is large, and read only where it is asked for.
    """
    manifest = read_manifest(folder)
    wanted = {name: digest for name, digest in manifest.files.items() if with_history or name != HISTORY}
    contents = {name: _checked(folder, name, digest) for name, digest in wanted.items()}
    try:
        return _model(manifest, contents), manifest
    except (
        *_BROKEN,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        MemoryError,
        ConfigError,
        zipfile.BadZipFile,
    ) as error:
        raise BundleError(f"{folder}: the bundle is incomplete or damaged ({error}); train again.") from None


def _checked(folder: Path, name: str, digest: str) -> bytes:
    if Path(name).name != name or not name.isprintable():
        raise BundleError(f"{folder}: the manifest names a file outside the bundle ({name!r}); train again.")
    data = _read(folder / name)
    if hashlib.sha256(data).hexdigest() != digest:
        raise BundleError(f"{folder / name}: the file is not the one that was trained (its hash differs).")
    return data


def _model(manifest: Manifest, contents: dict[str, bytes]) -> Model:
    check_settings(manifest.settings, MANIFEST)
    detectors = new_detectors(manifest.settings.detection.detectors)
    for name, detector in detectors.items():
        detector.restore(_unpack(contents[f"detector-{name}.npz"]))
    model = Model(
        manifest.settings,
        Vocabulary.from_json(msgspec.json.decode(contents["vocabulary.json"])),
        detectors,
        Calibration().restore(_unpack(contents["calibration.npz"])),
        {(one.application_name, one.function_name): one.flows for one in manifest.functions},
        msgspec.json.decode(contents["profiles.json"], type=list[Profile]),
        {
            (one.application_name, one.function_name): frozenset(one.versions)
            for one in manifest.functions
            if one.versions
        },
    )
    model.feedback = msgspec.json.decode(contents["feedback.json"], type=Feedback)
    if HISTORY in contents:
        model.history = History(model.vocabulary).restore(_unpack(contents[HISTORY]))
    if SHIFTS in contents:
        model.shifts = restored(_unpack(contents[SHIFTS]))
    model.judge([_probe(application, function) for application, function in list(model.learned)[:1]])
    return model


def _probe(application: str, function: str) -> Flow:
    """An empty run, which any sound model can judge."""
    return Flow(application, "", function, "", 0.0, 0.0, (), (), (), 0.0)


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
