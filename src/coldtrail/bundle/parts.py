"""Parts of a bundle: arrays in one file, as small as they get without losing a bit of any number.

A file is a magic line, the length of its head, the head (JSON: what each array is and how it is stored), and
then the arrays one after another. Numbers take no more bytes than the largest of them needs; clock times and
what lies between two of them are multiples of 2^-22 s in X-Ray and in all that counts seconds since 1970 in
float64, so that they are whole numbers; what ascends is kept as its steps. Bytes of one rank lie together,
and Zstandard (RFC 8878) takes out what repeats.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAGIC = b"coldtrail arrays 1\n"
MOST_BYTES = 2**31
"""Of all arrays of a file, or of a text, as they are in memory."""
_HEAD_BYTES = 4
_MOST_HEAD = 2**20
_TICK = 2.0**22
"""A second in the steps in which float64 counts seconds since 1970, from 2004 to 2038."""
_EXACT = 2.0**53
_NARROWER = {
    "i": (np.int8, np.int16, np.int32),
    "u": (np.uint8, np.uint16, np.uint32),
}
_FREE_BYTES = 2**26
_MOST_EXPANSION = 200
"""How many times larger a text may become, past 64 MiB."""
_KINDS = "biufU"
_LARGEST = 8
"""Bytes of a number; none is complex or longer than others."""
_LEVEL = 3

Arrays = dict[str, NDArray[np.generic]]


class _Held(Struct, frozen=True, forbid_unknown_fields=True):
    """What an array is, and how it is stored."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    stored: str
    """The type of the numbers that are stored."""
    size: int
    """Bytes in the file."""
    ticks: bool = False
    """Whether they count steps of 2^-22."""
    steps: bool = False
    """Whether each is added to the one before."""


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of a file that holds the arrays."""
    held, blocks = [], []
    for name, array in arrays.items():
        head, block = _packed(name, np.ascontiguousarray(array))
        held.append(head)
        blocks.append(block)
    told = msgspec.json.encode(held)
    return b"".join([MAGIC, len(told).to_bytes(_HEAD_BYTES, "little"), told, *blocks])


def _packed(name: str, array: NDArray[Any]) -> tuple[_Held, bytes]:
    stored, ticks, steps = array, False, False
    if array.dtype == np.float64:
        stored, ticks = _shorter(array)
    if stored.dtype.kind in "iu" and stored.ndim == 1 and len(stored) > 1:
        steps = bool((stored[1:] >= stored[:-1]).all())
        if steps:
            stored = np.diff(stored, prepend=stored.dtype.type(0))
    stored = _narrowed(stored)
    stored = stored.astype(stored.dtype.newbyteorder("<"), copy=False)
    block = zstd.compress(_by_rank(stored), _LEVEL)
    kind = array.dtype.newbyteorder("<")
    return _Held(name, kind.str, array.shape, stored.dtype.str, len(block), ticks, steps), block


def _shorter(array: NDArray[np.float64]) -> tuple[NDArray[Any], bool]:
    """The numbers in another type that holds each of them exactly, and whether they are ticks."""
    if not np.isfinite(array).all() or np.abs(array).max(initial=0.0) >= _EXACT / _TICK:
        return array, False
    ticks = (array * _TICK).astype(np.int64)
    if (ticks == array * _TICK).all():
        return ticks, True
    with np.errstate(over="ignore"):
        short = array.astype(np.float32)
    return (short, False) if (short == array).all() else (array, False)


def _narrowed(array: NDArray[Any]) -> NDArray[Any]:
    for narrower in _NARROWER.get(array.dtype.kind, ()):
        limits = np.iinfo(narrower)
        if array.dtype.itemsize > limits.bits // 8 and (
            not array.size or (int(array.min()) >= limits.min and int(array.max()) <= limits.max)
        ):
            return array.astype(narrower)
    return array


def _by_rank(array: NDArray[Any]) -> bytes:
    """The bytes of an array, the first of each number first."""
    size = array.dtype.itemsize
    return array.tobytes() if size == 1 else _bytes_of(array).reshape(-1, size).T.tobytes()


def _bytes_of(array: NDArray[Any]) -> NDArray[np.uint8]:
    return np.frombuffer(array.tobytes(), np.uint8)


def unpacked(data: bytes) -> Arrays:
    """The arrays of a file; raises ValueError where it holds anything but sound, finite numbers and words."""
    start = len(MAGIC) + _HEAD_BYTES
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    if not data.startswith(MAGIC) or length > _MOST_HEAD or start + length > len(data):
        raise ValueError("no file of arrays")
    held = msgspec.json.decode(data[start : start + length], type=list[_Held])
    if (
        len({one.name for one in held}) != len(held)
        or sum(_size(one, one.dtype) for one in held) > MOST_BYTES
    ):
        raise ValueError("more arrays than there can be")
    start += length
    out: Arrays = {}
    for one in held:
        if not 0 <= one.size <= len(data) - start:
            raise ValueError(f"{one.name} is cut off")
        out[one.name] = _unpacked(one, data[start : start + one.size])
        start += one.size
    if start != len(data):
        raise ValueError("more than its arrays")
    return out


def _size(one: _Held, dtype: str) -> int:
    """The bytes of an array in numbers of a type; raises ValueError where there can be no such array."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise ValueError(f"{one.name} holds other things than it should") from None
    if kind.kind not in _KINDS or (kind.kind != "U" and kind.itemsize > _LARGEST) or len(one.shape) > 3:
        raise ValueError(f"{one.name} holds other things than it should")
    number = 1
    for axis in one.shape:
        if axis < 0 or (number := number * axis) * max(kind.itemsize, 1) > MOST_BYTES:
            raise ValueError(f"{one.name} is of a size that cannot be")
    return number * kind.itemsize


def _unpacked(one: _Held, block: bytes) -> NDArray[Any]:
    size, stored, dtype = _size(one, one.stored), np.dtype(one.stored), np.dtype(one.dtype)
    flat = np.frombuffer(_expanded(block, size), np.uint8)
    if len(flat) != size:
        raise ValueError(f"{one.name} is of another size than it should be")
    if stored.itemsize > 1:
        flat = np.ascontiguousarray(flat.reshape(stored.itemsize, -1).T).ravel()
    array: NDArray[Any] = flat.astype(np.bool_) if stored.kind == "b" else flat.view(stored)
    array = array.reshape(one.shape)
    if stored.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{one.name} is not finite")
    if one.steps and array.ndim != 1:
        raise ValueError(f"{one.name} holds other things than it should")
    if stored.kind in "iu" and dtype.kind in "iuf":
        wide = np.uint64 if dtype.kind == "u" else np.int64
        array = array.astype(wide, copy=False)
        array = np.cumsum(array, dtype=wide) if one.steps else array
        array = array / _TICK if one.ticks else array
    elif stored.kind != dtype.kind or one.steps or one.ticks:
        raise ValueError(f"{one.name} holds other things than it should")
    return array.astype(dtype.newbyteorder("="), copy=False)


def _expanded(block: bytes, size: int) -> bytes:
    """The bytes that were compressed; raises ValueError where they are more than so many, or damaged."""
    expander = zstd.ZstdDecompressor()
    try:
        out = expander.decompress(block, max_length=size + 1) if block else b""
    except zstd.ZstdError:
        raise ValueError("compressed bytes are damaged") from None
    if not expander.eof or expander.unused_data or len(out) > size:
        raise ValueError("compressed bytes are damaged")
    return out


def compressed(text: bytes) -> bytes:
    """A text made smaller."""
    return zstd.compress(text, _LEVEL)


def expanded(data: bytes, most: int = MOST_BYTES) -> bytes:
    """The text that `compressed` was given; raises ValueError where there is none, or one that is longer than
    such a text can be."""
    return _expanded(data, min(most, max(_FREE_BYTES, _MOST_EXPANSION * len(data))))
