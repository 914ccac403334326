"""A trained model in one folder: arrays and JSON with a manifest of hashes, never pickle; written as a whole.

```
manifest.json          format and version, what was learned when and with which settings, a row for each
                       function, a SHA-256 for each file
vocabulary.json.zst    the words
calibration.arrays     arrays; one more such file a detector, `detector-NAME.arrays`
shifts.arrays          how each function runs over time
feedback.json          what people said of flows
profiles.json.zst      how each function normally runs, for people to look at
baselines.arrays       rates, resources, callers and places of each function, and whose credentials are whose
history.arrays         the sample of flows that learning more goes on from
```

Each file is read only by who needs it, whole, and compared with its hash before a byte of it is used: the
manifest alone tells what a bundle has learned, and scoring opens neither the history nor, without a report,
the profiles.
"""

from __future__ import annotations

import hashlib
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EEXIST, ENOENT, ENOTEMPTY
from pathlib import Path

import msgspec

from coldtrail.assembly.applications import check_rules
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
from coldtrail.bundle.part_files import ARRAYS, SMALL_TEXT, TEXT, PartFiles
from coldtrail.bundle.parts import Arrays, compressed, packed
from coldtrail.bundle.plausible import check_judging, check_plausible
from coldtrail.config import check_settings
from coldtrail.detectors.drift import storing
from coldtrail.detectors.signalling import Signalling
from coldtrail.errors import BundleError, ColdtrailError, ConfigError
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile
from coldtrail.store.whole_folder import is_being_replaced, left_aside, put_back, write_folder
from coldtrail.verdicts import calibration
from coldtrail.verdicts.calibration import Calibration
from coldtrail.verdicts.feedback import Feedback

VOCABULARY, PROFILES, FEEDBACK = "vocabulary", "profiles", "feedback"
CALIBRATION, DETECTOR, SHIFTS, HISTORY = "calibration", "detector-", "shifts", "history"
BASELINES = "baselines"
_UNUSABLE = (*BROKEN, LookupError, ValueError, TypeError, MemoryError, ConfigError, zipfile.BadZipFile)
"""What the parts of a bundle raise that cannot be read."""
_RACES = (ENOENT, ENOTEMPTY, EEXIST)
"""What a folder says that somebody else moves as well."""
_ATTEMPTS = 3
_REPLACING_S = 0.2
"""Far longer than it takes to move two folders."""


def save(
    model: Model,
    folder: Path,
    *,
    version: str,
    seed: int,
    span: tuple[float, float],
    metrics: dict[str, float] | None = None,
    replacing: Manifest | None = None,
    pseudonym_key: str | None = None,
) -> Manifest:
    """The manifest of the bundle written to a folder, which appears whole or not at all.

    An older bundle there is replaced; anything else there raises `ConfigError`, and a disk that does not take
    it `ColdtrailError`, as does another bundle there than that of `replacing`, if given. A model that would
    judge nothing raises `ConfigError` too. `pseudonym_key` is the fingerprint of the key that pseudonyms were
    made with, if any were.
    """
    check_target(folder)
    check_judging(model.settings, max(model.learned.values(), default=0))
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
        pseudonym_key=pseudonym_key,
        functions=learned_rows(model),
        groups=model.vocabulary.groups,
        since_fitted=model.since_fitted,
        files={name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    )
    contents[MANIFEST] = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    try:
        write_folder(contents, folder, _unchanged(folder, replacing))
    except OSError as error:
        if error.errno in _RACES and folder.parent.is_dir():
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


def learned_rows(model: Model) -> list[Learned]:
    """A row for each function, in the order of their keys."""
    last = {} if model.history is None else model.history.last_starts()
    return [
        Learned(
            *key,
            flows=flows,
            versions=tuple(sorted(model.versions.get(key, ()))),
            group=model.vocabulary.group_of(key),
            held_back=model.held_back.get(key, 0),
            last_start=last.get(key),
            kinds=tuple(sorted(model.kinds.get(key, ()))),
        )
        for key, flows in sorted(model.learned.items())
    ]


def _contents(model: Model) -> dict[str, bytes]:
    contents = {
        VOCABULARY + TEXT: compressed(msgspec.json.encode(model.vocabulary.to_json())),
        PROFILES + TEXT: compressed(msgspec.json.encode(model.profiles)),
        FEEDBACK + SMALL_TEXT: msgspec.json.encode(model.feedback),
        CALIBRATION + ARRAYS: packed(model.calibration.state()),
    }
    for name, detector in model.detectors.items():
        contents[DETECTOR + name + ARRAYS] = packed(detector.state())
    if model.history is not None:
        contents[HISTORY + ARRAYS] = packed(state_of(model.history))
    if model.shifts is not None:
        contents[SHIFTS + ARRAYS] = packed(storing.state_of(model.shifts))
    if model.baselines is not None:
        contents[BASELINES + ARRAYS] = packed(model.baselines)
    return contents


def load(folder: Path, *, with_history: bool = False, with_profiles: bool = True) -> tuple[Model, Manifest]:
    """The model in a folder, each file that is read checked against the manifest; raises `BundleError`.

    The history is large, and read only where it is asked for; profiles may be left out.
    """
    left_out = {HISTORY: not with_history, PROFILES: not with_profiles}
    manifest, parts = _read(folder, lambda name: not left_out.get(name))
    with _refusing(folder):
        model = _model(manifest, parts)
    check_plausible(folder, manifest, model.calibration)
    return model, manifest


def read_profiles(folder: Path) -> list[Profile]:
    """How each function of a bundle normally runs, and nothing else of it; raises `BundleError`."""
    _, parts = _read(folder, lambda name: name == PROFILES)
    with _refusing(folder):
        return _profiles(parts)


def read_feedback(folder: Path) -> Feedback:
    """What people said, as a bundle keeps it, and nothing else of it; raises `BundleError`."""
    _, parts = _read(folder, lambda name: name == FEEDBACK)
    with _refusing(folder):
        return _feedback(parts)


def read_baselines(folder: Path) -> Signalling | None:
    """What detectors of signals learned, and nothing else of a bundle; None where nothing was followed.
    Raises `BundleError`."""
    manifest, parts = _read(folder, lambda name: name == BASELINES)
    if not parts.has(BASELINES):
        return None
    with _refusing(folder):
        signalling = Signalling(manifest.settings, known=[one.key for one in manifest.functions])
        _relearned(signalling, parts.arrays(BASELINES))
    return signalling


def _relearned(signalling: Signalling, baselines: Arrays) -> None:
    """Lets it go on from what was learned; raises `ConfigError` where that is damaged, as all parts do."""
    try:
        signalling.relearn(baselines)
    except BundleError as error:
        raise ConfigError(str(error).removesuffix(".")) from None


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """Whatever is wrong with what was read of a bundle raises `BundleError`."""
    try:
        yield
    except _UNUSABLE as error:
        raise BundleError(f"{folder}: the bundle is incomplete or damaged ({error}); train again.") from None


def _read(folder: Path, wanted: Callable[[str], bool]) -> tuple[Manifest, PartFiles]:
    """The manifest and the files of one bundle, though another may take its place meanwhile."""
    for attempt in range(_ATTEMPTS):
        if is_being_replaced(folder):
            time.sleep(_REPLACING_S)
        _check_not_left_aside(folder)
        manifest = read_manifest(folder)
        files = {name: digest for name, digest in manifest.files.items() if wanted(name.partition(".")[0])}
        try:
            read = {name: read_part(folder, name, files[name]) for name in files}
            return manifest, PartFiles(read)
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


def _model(manifest: Manifest, parts: PartFiles) -> Model:
    check_settings(manifest.settings, MANIFEST, without_flows=not manifest.flows)
    check_rules(manifest.settings.applications)
    vocabulary = Vocabulary.from_json(msgspec.json.decode(parts.text(VOCABULARY)))
    known = {name: len(getattr(vocabulary, name)) for name in ("functions", "steps", "triggers")}
    detectors = new_detectors(manifest.settings.detection.detectors)
    for name, detector in detectors.items():
        detector.restore(parts.checked(DETECTOR + name, detector.arrays, known))
    channels = channels_of(detectors)
    columns = known | {"channels": len(channels), "last_channel": len(channels) - 1}
    calibrated = parts.checked(CALIBRATION, calibration.ARRAYS, columns)
    model = Model(
        settings=manifest.settings,
        vocabulary=vocabulary,
        detectors=detectors,
        calibration=Calibration(channels).restore(calibrated),
        learned={one.key: one.flows for one in manifest.functions},
        profiles=_profiles(parts) if parts.has(PROFILES) else (),
        versions={one.key: frozenset(one.versions) for one in manifest.functions if one.versions},
        kinds={one.key: frozenset(one.kinds) for one in manifest.functions if one.kinds},
        feedback=_feedback(parts),
        shifts=storing.restored(parts.checked(SHIFTS, storing.ARRAYS, known)) if parts.has(SHIFTS) else None,
        baselines=parts.arrays(BASELINES) if parts.has(BASELINES) else None,
        history=restored(vocabulary, parts.arrays(HISTORY)) if parts.has(HISTORY) else None,
        since_fitted=manifest.since_fitted,
        held_back={one.key: one.held_back for one in manifest.functions if one.held_back},
    )
    _check_judging(model)
    return model


def _check_judging(model: Model) -> None:
    """Lets the model judge a run, and go on from its baselines, as any sound one can."""
    if model.baselines is not None:
        _relearned(Signalling(model.settings), model.baselines)
    model.judge([_probe(key) for key in list(model.learned)[:1]])


def _profiles(parts: PartFiles) -> list[Profile]:
    return msgspec.json.decode(parts.text(PROFILES), type=list[Profile])


def _feedback(parts: PartFiles) -> Feedback:
    return msgspec.json.decode(parts.text(FEEDBACK), type=Feedback)


def _probe(key: FunctionKey) -> Flow:
    """An empty run, which any sound model can judge."""
    account, region, application, function = key
    return Flow(application, "", function, "", 0.0, 0.0, (), (), (), 0.0, account=account, region=region)
