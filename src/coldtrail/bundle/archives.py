"""Arrays in a zip archive of numpy's (`.npz`), as bundles of version 8 hold them; they are only read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import numpy as np

from coldtrail.bundle.parts import Arrays
from coldtrail.detectors.drift.step_times import COLUMNS
from coldtrail.features.arrays import Array

SUFFIX = ".npz"
_LATER = (
    "lookkeys", "looks", "span_key", "span_runs", "level_key", "level_amounts", "stride_key", "stride_runs",
    "load_key", "load", *(f"step_{name}" for name in COLUMNS),
)  # fmt: skip
"""What versions 8 and 9 did not know, by how the names end."""


def unpacked(data: bytes) -> Arrays:
    """The arrays of an archive; raises ValueError or `BadZipFile` where it holds anything else."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise ValueError("a compressed array")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    for name, array in found.items():
        if array.dtype.kind == "c":
            raise ValueError(f"{name} holds other things than it should")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{name} is not finite")
    return found


def completed(arrays: Arrays, declared: Sequence[Array]) -> Arrays:
    """The arrays of an older version with those that came later, which are empty."""
    later = [one for one in declared if one.name not in arrays and one.name.endswith(_LATER)]
    shapes = {one.name: [0 if isinstance(axis, str) else axis for axis in one.axes] for one in later}
    return {**arrays, **{one.name: np.zeros(shapes[one.name], one.dtype) for one in later}}
