"""The state of a line as bytes, for a database: arrays with a hash, and nothing that makes objects."""

from __future__ import annotations

import hashlib
import io
import zipfile

import numpy as np

from coldtrail.errors import BundleError
from coldtrail.records.stage import State

_MARK = b"coldtrail-state 1\n"
_DIGEST = 32
_KINDS = "biufU"
_BROKEN = (ValueError, zipfile.BadZipFile, KeyError, EOFError, OSError)


def pack_state(state: State) -> bytes:
    """The arrays of a state as bytes."""
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **state)
    arrays = out.getvalue()
    return _MARK + hashlib.sha256(arrays).digest() + arrays


def unpack_state(data: bytes) -> State:
    """The state that `pack_state` made bytes of; raises `BundleError` where they are damaged."""
    head = len(_MARK) + _DIGEST
    arrays = memoryview(data)[head:]
    if data[: len(_MARK)] != _MARK or hashlib.sha256(arrays).digest() != data[len(_MARK) : head]:
        raise BundleError("The stored state is damaged (its hash differs); put a copy of the database back.")
    try:
        with np.load(io.BytesIO(arrays), allow_pickle=False) as found:
            state = {name: found[name] for name in found.files}
    except _BROKEN as error:
        raise BundleError(f"The stored state is damaged ({error}); put a copy back.") from None
    for name, array in state.items():
        if array.dtype.kind not in _KINDS or (array.dtype.kind == "f" and np.isnan(array).any()):
            raise BundleError(f"The stored state is damaged ({name} holds other things than numbers).")
    return state
