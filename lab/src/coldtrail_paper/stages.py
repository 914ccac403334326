"""Results of stages on disk: done ones are read again, interrupted ones start over."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.store.whole_file import write_whole

LAYOUT = 1
"""Of what stages hold: another number makes all start over."""

Facts = dict[str, Any]
Arrays = dict[str, NDArray[np.generic]]


class Result(NamedTuple):
    """What a stage gave: plain facts, and arrays."""

    facts: Facts
    arrays: Arrays


def key_of(settings: Mapping[str, Any]) -> str:
    """A digest of settings, whatever the order of their names."""
    text = json.dumps({"layout": LAYOUT, **settings}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Stages:
    """The results in a folder, one file a stage, each written whole with the digest of its settings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def result(self, name: str, settings: Mapping[str, Any], make: Callable[[], Result]) -> Result:
        """The stored result of the stage if its settings are the same, or a newly made one, then stored."""
        key = key_of(settings)
        stored = self._read(name, key)
        if stored is not None:
            return stored
        made = make()
        self._write(name, key, settings, made)
        return made

    def all(self) -> list[Result]:
        """All stored results, in the order of their names."""
        files = sorted(self._folder.glob("*.npz"))
        return [found for path in files if (found := self._read(path.stem, None)) is not None]

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.npz"

    def _read(self, name: str, key: str | None) -> Result | None:
        """None where there is none, or one of another key, or a damaged one: the stage is done anew."""
        try:
            with np.load(io.BytesIO(self._path(name).read_bytes()), allow_pickle=False) as held:
                arrays: Arrays = {each: held[each] for each in held.files}
            stored = json.loads(bytes(arrays.pop("facts").tobytes()))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        if key is not None and stored.get("key") != key:
            return None
        return Result(stored["facts"], arrays)

    def _write(self, name: str, key: str, settings: Mapping[str, Any], made: Result) -> None:
        text = json.dumps({"key": key, "settings": settings, "facts": made.facts})
        held = {**made.arrays, "facts": np.frombuffer(text.encode(), np.uint8)}
        packed = io.BytesIO()
        np.savez_compressed(packed, allow_pickle=False, **held)
        write_whole(self._path(name), [packed.getvalue()])
