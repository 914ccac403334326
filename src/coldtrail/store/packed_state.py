"""The state of a line as bytes, for a database: arrays with a hash, and nothing that makes objects."""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np
from msgspec import Struct

from coldtrail.errors import BundleError
from coldtrail.records.stage import State

_MARK = b"coldtrail-state 1\n"
_DIGEST = 32
_KINDS = "biufU"


class _Packed(Struct, frozen=True, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes | memoryview


def pack_state(state: State) -> bytes:
    """The arrays of a state as bytes."""
    arrays = msgspec.msgpack.encode({name: _packed(one) for name, one in state.items()})
    return b"".join((_MARK, _digest(arrays), arrays))


def _packed(one: np.ndarray) -> _Packed:
    data = np.ascontiguousarray(one)
    return _Packed(one.dtype.str, one.shape, data.data if data.size else b"")


def _digest(arrays: bytes | memoryview) -> bytes:
    return hashlib.blake2b(arrays, digest_size=_DIGEST).digest()


def unpack_state(data: bytes) -> State:
    """The state that `pack_state` made bytes of; raises `BundleError` where they are damaged."""
    head = len(_MARK) + _DIGEST
    arrays = memoryview(data)[head:]
    if data[: len(_MARK)] != _MARK or _digest(arrays) != data[len(_MARK) : head]:
        raise BundleError("The stored state is damaged (its hash differs); put a copy of the database back.")
    try:
        found = msgspec.msgpack.decode(arrays, type=dict[str, tuple[str, tuple[int, ...], bytes]])
        state = {name: _array(name, *one) for name, one in found.items()}
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        raise BundleError(f"The stored state is damaged ({error}); put a copy back.") from None
    return state


def _array(name: str, dtype: str, shape: tuple[int, ...], data: bytes) -> np.ndarray:
    made = np.dtype(dtype)
    if made.kind not in _KINDS:
        raise ValueError(f"{name} holds other things than numbers")
    array = np.frombuffer(data, made).reshape(shape).copy()
    if made.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{name} holds other things than numbers")
    return array
