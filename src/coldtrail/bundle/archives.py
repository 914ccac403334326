"""Arrays in a zip archive of numpy's (`.npz`), as bundles of version 8 hold them; they are only read."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from coldtrail.bundle.parts import Arrays

SUFFIX = ".npz"


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
