"""Things by number, the newest in memory and the others, as bytes, in a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Generic, TypeVar

import msgspec

from coldtrail.records.stage import Store

T = TypeVar("T")
_BLOCK = 64
"""Things that are stored together."""
_MOST_BLOCKS = 64
"""Blocks that were read and are held, since what is asked for next to each other came next to each other."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[bytes]).decode


class Shelf(Generic[T]):
    """Keeps things until they are dropped; without a store all of them are in memory."""

    def __init__(
        self,
        store: Store | None,
        encode: Callable[[T], bytes],
        decode: Callable[[bytes], T],
        most: int,
    ) -> None:
        """So many things are held in memory."""
        self._store, self._encode, self._decode, self._most = store, encode, decode, most
        self._near: dict[int, T] = {}
        self._next = 0
        self._far: dict[int, int] = {}
        """By the number of a block's first thing, where the block lies in the store."""
        self._blocks, self._stored = dict[int, list[bytes]](), 0

    def add(self, thing: T) -> int:
        """The number under which the thing is kept."""
        number = self._next
        self._near[number] = thing
        self._next += 1
        if len(self._near) > self._most and self._store is not None and not number % _BLOCK:
            self._put_away(self._store)
        return number

    def __getitem__(self, number: int) -> T:
        near = self._near.get(number)
        return self._read(number) if near is None else near

    def drop(self, number: int) -> None:
        """Lets go of a thing, if it is in memory."""
        self._near.pop(number, None)

    def _put_away(self, store: Store) -> None:
        """Stores the older half, whole blocks of numbers each; what was dropped is an empty place."""
        numbers = list(islice(self._near, len(self._near) // 2))
        firsts = sorted({number - number % _BLOCK for number in numbers})
        firsts = [first for first in firsts if first + _BLOCK <= self._next]
        blocks = [[self._bytes(number) for number in range(first, first + _BLOCK)] for first in firsts]
        store.add([_encode(block) for block in blocks])
        for first in firsts:
            self._far[first] = self._stored
            self._stored += 1
            for number in range(first, first + _BLOCK):
                self._near.pop(number, None)

    def _bytes(self, number: int) -> bytes:
        thing = self._near.get(number)
        return b"" if thing is None else self._encode(thing)

    def _read(self, number: int) -> T:
        first = number - number % _BLOCK
        block = self._blocks.get(first)
        if block is None:
            assert self._store is not None
            block = self._blocks[first] = _decode(self._store.get(self._far[first]))
            if len(self._blocks) > _MOST_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
        return self._decode(block[number % _BLOCK])

    def restore(self, things: Mapping[int, T]) -> None:
        """Keeps things under these numbers, in place of all others."""
        self._near = dict(sorted(things.items()))
        self._next = _BLOCK * (max(things, default=-1) // _BLOCK + 1)
        self._far, self._blocks = {}, {}
