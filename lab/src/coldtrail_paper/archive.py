"""The experiment's data as one small file, for machines without the traces (and without their readers)."""

from __future__ import annotations

import io
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.errors import ConfigError
from coldtrail.features.batch import PER_FLOW, PER_STEP, Encoded
from coldtrail.features.wording import Wording
from coldtrail.store.whole_file import write_whole
from coldtrail_paper.dataset import Data, Part, Words

Array = NDArray[Any]

_FLOWS = (*PER_FLOW, *PER_STEP, "offsets")
"""What every flow has; what else may be at hand (words, their looks) the experiment does not read."""


def save(data: Data, path: Path) -> None:
    """Writes the data: numbers, and the words that events name; a few megabytes."""
    arrays = {
        f"{side}-{name}": _narrow(array)
        for side, part in (("train", data.train), ("test", data.test))
        for name, array in _arrays(part).items()
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    write_whole(path, [packed.getvalue()])


def load(path: Path) -> Data:
    """The data of a file; raises `ConfigError` where it is none."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return Data(_part("train", arrays), _part("test", arrays))
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{path}: this is no exported experiment: {error}.") from None


def _arrays(part: Part) -> dict[str, Array]:
    words = part.flows.wording
    own = {f"words-{one.name}": np.array(getattr(words, one.name)) for one in fields(Wording)}
    flows = {f"flows-{name}": getattr(part.flows, name) for name in _FLOWS}
    return own | flows | {"application": part.application, "function": part.function, "attack": part.attack}


def _narrow(array: Array) -> Array:
    """The same numbers in fewer bytes."""
    if array.dtype == np.int64 and array.size:
        for kind in (np.int8, np.int16, np.int32):
            limits = np.iinfo(kind)
            if array.min() >= limits.min and array.max() <= limits.max:
                return array.astype(kind)
    return array


def _wide(array: Array) -> Array:
    return array.astype(np.int64) if array.dtype.kind == "i" else array


def _part(side: str, arrays: dict[str, Array]) -> Part:
    found = {one.name: _wide(arrays[f"{side}-words-{one.name}"]) for one in fields(Wording)}
    of_words: dict[str, Any] = {**found, "words": tuple(found["words"].tolist())}
    words = Wording(**of_words)
    flows: dict[str, Any] = {name: _wide(arrays[f"{side}-flows-{name}"]) for name in _FLOWS}
    encoded = Encoded(**flows, batch=Words((), words))
    names = (arrays[f"{side}-{name}"] for name in ("application", "function", "attack"))
    return Part(encoded, *names)
