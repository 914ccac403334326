"""Values, bytes and arrays as an attacker, a broken disk or a wrong exporter would leave them."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NUMBERS = (0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**40, 1e300, -1e300, 1e-300, 0.1, 1.7e9, 1.7e12)
TEXTS = (
    "", " ", "\0", "\x1b[2J", "\u202e", "\ud800", "é" * 40, "x" * 5_000, "{}", "[b]", "../../etc/passwd",
    "a\nb", "null", "NaN", "%s%n", "{hex:8}", "{hex:1-99999}", "' OR 1=1 --", "<script>", "$(id)", "`id`",
    "arn:aws:lambda:::", "1-5f000000-000000000000000000000000", "Invocation", "AWS::Lambda::Function",
)  # fmt: skip
OTHERS = (None, True, False, [], {}, [[]], {"": None}, [1, "a", None])
_DEEP = 100
"""Levels beyond which a value is changed no more: Python writes some 400 of them, and one change adds 300."""
_MOST_COPIED = 1_000_000
"""Characters of JSON that one change adds."""
WORDS = (
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b"\\",
    b"\n",
    b"\0",
    b",",
    b":",
    b"\xff",
    b'{"Traces":[',
    b"NaN",
    b"1e999",
)


def value(random: Random) -> Any:
    """Anything that JSON can hold."""
    kind = random.randrange(5)
    if kind == 0:
        return random.choice(NUMBERS)
    if kind == 1:
        return random.choice(TEXTS)
    if kind == 2:
        return deepcopy(random.choice(OTHERS))
    if kind == 3:
        return nested(random.choice((3, 70, 300)))
    return random.random() * 10.0 ** random.randint(-12, 18)


def nested(depth: int) -> Any:
    """A list in a list, so many times."""
    inner: Any = 1
    for _ in range(depth):
        inner = [inner]
    return inner


def places(thing: Any, limit: int = 4_000) -> list[tuple[Any, Any]]:
    """Each container inside a JSON value with each of its keys."""
    found: list[tuple[Any, Any]] = []
    waiting = [thing]
    while waiting and len(found) < limit:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else list(range(len(one))) if isinstance(one, list) else []
        found += [(one, key) for key in keys]
        waiting += [one[key] for key in keys]
    return found


def levels(thing: Any) -> int:
    """How deep the containers of a JSON value lie in each other."""
    deep, level = 0, [thing]
    while level := [one for one in level if isinstance(one, dict | list)]:
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
        deep += 1
    return deep


def changed(random: Random, thing: Any) -> Any:
    """A JSON value (which is changed itself) with a few places that hold something else."""
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        found = places(thing)
        if not found:
            return value(random)
        if levels(thing) > _DEEP:
            break
        _change(random, *random.choice(found))
    return thing


def _change(random: Random, holder: Any, key: Any) -> None:
    how = random.randrange(7)
    if how < 3:
        holder[key] = value(random)
    elif how == 3:
        del holder[key]
    elif how == 4 and isinstance(holder, list):
        holder.extend(_copies(holder[key], random.choice((1, 3, 200))))
    elif how == 4:
        holder[random.choice(TEXTS)] = holder[key]
    elif how == 5:
        _, other = (
            random.choice([(holder, key)]),
            random.choice(list(holder) if isinstance(holder, dict) else [key]),
        )
        holder[key], holder[other] = holder[other], holder[key]
    elif isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
        holder[key] = holder[key] * random.choice((-1, 0, 1.000001, 2, 1e3, 1e12))
    else:
        holder[key] = str(holder[key])[: random.randrange(50)]


def _copies(thing: Any, number: int) -> list[Any]:
    """Copies of a JSON value, each by itself: as many as were asked for, as far as they stay small."""
    most = _MOST_COPIED // max(1, len(json.dumps(thing)))
    return [deepcopy(thing) for _ in range(min(number, most))]


def dumped(random: Random, thing: Any) -> bytes:
    """The bytes of a JSON value, in one of the ways in which it may be written."""
    indent = random.choice((None, None, None, 2))
    text = json.dumps(thing, ensure_ascii=random.random() < 0.7, indent=indent)
    return text.encode("utf-8", "surrogatepass")


def battered(random: Random, data: bytes) -> bytes:
    """Bytes with a few of them changed, lost, doubled or put in."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        at = random.randrange(len(out) + 1)
        upto = min(len(out), at + random.choice((1, 2, 16, 300)))
        how = random.randrange(7)
        if how == 0:
            del out[at:upto]
        elif how == 1:
            out[at:at] = out[at:upto] * random.choice((1, 5))
        elif how == 2:
            out[at:at] = random.choice(WORDS) * random.choice((1, 1, 3, 500))
        elif how == 3:
            out[at:upto] = b"\0" * (upto - at)
        elif how == 4:
            out[at:upto] = random.randbytes(upto - at)
        elif how == 5:
            del out[at:]
        elif at < len(out):
            out[at] ^= 1 << random.randrange(8)
    return bytes(out)


def array(random: Random, old: Array) -> Array:
    """An array that was never learned in the place of one that was."""
    return random.choice(_ARRAYS)(random, old.copy())


def _filled(random: Random, old: Array) -> Array:
    return np.full_like(old, _number(random, old.dtype))


def _one(random: Random, old: Array) -> Array:
    if old.size:
        old.ravel()[random.randrange(old.size)] = _number(random, old.dtype)
    return old


def _number(random: Random, dtype: np.dtype[Any]) -> Any:
    with np.errstate(all="ignore"):
        if dtype.kind == "f":
            wild = (0.0, -1.0, 1e-300, 1e300, np.nan, np.inf, -np.inf, 2.0, 1e15)
            return np.array(random.choice(wild)).astype(dtype)
        if dtype.kind in "iub":
            return np.array(random.choice((0, -1, 1, 2**31, 2**62, 10**6))).astype(np.int64).astype(dtype)
        return np.array(random.choice(("", "a", "x" * 50))).astype(dtype)


def _otherwise_typed(random: Random, old: Array) -> Array:
    kind = random.choice(
        (np.complex128, np.float32, np.int8, np.uint64, np.str_, np.bool_, "V8", "S4", ">f8", "M8[s]")
    )
    return np.zeros(old.shape, kind)


def _otherwise_shaped(random: Random, old: Array) -> Array:
    shapes: tuple[Callable[[], Array], ...] = (
        lambda: old[:0],
        lambda: old[:-1],
        lambda: old[::-1],
        lambda: old.ravel(),
        lambda: np.stack([old, old], axis=old.ndim),
        lambda: np.concatenate([old, old]) if old.ndim else old,
        lambda: np.array(old.ravel()[0] if old.size else 0),
    )
    return random.choice(shapes)() if old.ndim else old.reshape(1)


def _shuffled(random: Random, old: Array) -> Array:
    np.random.default_rng(random.randrange(2**32)).shuffle(old) if old.ndim else None
    return old


_ARRAYS = (_filled, _one, _one, _otherwise_typed, _otherwise_shaped, _shuffled)
