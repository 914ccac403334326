"""Flows that a shift may show, put aside until one does; a stage itself reads and writes no file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec
import numpy as np

from coldtrail.errors import BundleError
from coldtrail.features.batch import Ints
from coldtrail.features.packing import PACKED, Packing, unpacked
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.stage import State, Store, array

Reference = tuple[str, str]
"""Ids of a flow and of its trace."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Flow | tuple[str, str]).decode
_PAIR = b"\x92"
"""How MessagePack begins a pair."""


class Memory:
    """Keeps bytes in memory."""

    def __init__(self) -> None:
        self._items: list[bytes] = []

    def add(self, items: Sequence[bytes]) -> None:
        """Keep these as well."""
        self._items += items

    def get(self, number: int) -> bytes:
        """Those that came as this number."""
        return self._items[number]

    def beside(self) -> None:
        """None: there is only memory."""


class Nowhere:
    """Keeps nothing, for those who ask for no flow."""

    def add(self, items: Sequence[bytes]) -> None:
        """These are let go."""

    def get(self, number: int) -> bytes:
        """No flow."""
        return _encode(("", ""))

    def beside(self) -> None:
        """None: there is only memory."""


class Items:
    """Makes bytes of flows as they lie on a shelf."""

    def __init__(self) -> None:
        self._packing = Packing()

    def of(self, flows: Iterable[AnyFlow], entire: Iterable[bool]) -> list[bytes]:
        """Flows, whole or only their ids."""
        packed = self._packing.packed
        return [
            _encode((flow.function_flow_id, flow.application_flow_id))
            if not kept
            else _encode(flow)
            if isinstance(flow, Flow)
            else packed(flow)
            for flow, kept in zip(flows, entire, strict=True)
        ]


def _flow(item: bytes) -> Flow | Reference:
    """A flow, or its ids where no more is on the shelf."""
    return unpacked(item) if item.startswith(PACKED) else _decode(item)


class Shelf:
    """Flows, some whole and of the others their ids, by places that a snapshot does not change."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = Memory() if store is None else store
        self._items = Items()
        self._first = self._next = 0
        self._kept: dict[int, bytes] = {}
        """What was held before the last snapshot."""

    def put(self, flows: Iterable[AnyFlow], entire: Iterable[bool]) -> Ints:
        """The places of flows that were put aside, whole or only their ids."""
        return self.lay(self._items.of(flows, entire))

    def lay(self, items: Sequence[bytes]) -> Ints:
        """The places of flows that `Items` made bytes of."""
        self._store.add(items)
        first, self._next = self._next, self._next + len(items)
        return np.arange(first, self._next)

    def look(self, places: Sequence[int]) -> tuple[Reference, Flow | None]:
        """The first of some flows that is whole, or the first if none is."""
        for place in places:
            item = self._item(place)
            if not item.startswith(_PAIR):
                flow = _flow(item)
                assert isinstance(flow, Flow)
                return (flow.function_flow_id, flow.application_flow_id), flow
        return self.reference(places[0]), None

    def reference(self, place: int) -> Reference:
        """The ids of the flow at a place."""
        one = _flow(self._item(place))
        return (one.function_flow_id, one.application_flow_id) if isinstance(one, Flow) else one

    def _item(self, place: int) -> bytes:
        return self._store.get(place - self._first) if place >= self._first else self._kept[place]

    def check(self, wanted: Iterable[Sequence[int]]) -> None:
        """Raises `BundleError` where a flow at one of the wanted places is missing, or is none."""
        try:
            for place in chain.from_iterable(wanted):
                if place >= self._next:
                    raise KeyError(place)
                self.reference(place)
        except (KeyError, IndexError, msgspec.DecodeError, UnicodeDecodeError):
            raise BundleError("The state is damaged (the flows that a shift may show).") from None

    def snapshot(self, wanted: Iterable[Sequence[int]]) -> State:
        """The flows at wanted places; of each sequence of places only the first whole flow stays whole."""
        kept: dict[int, bytes] = {}
        whole: set[int] = set()
        for places in wanted:
            for place in places:
                if place not in kept:
                    kept[place] = self._item(place)
            whole.update([place for place in places if not kept[place].startswith(_PAIR)][:1])
        order = sorted(kept)
        items = [kept[place] if place in whole else _encode(self.reference(place)) for place in order]
        return {
            "next": np.array([self._next]),
            "place": np.array(order, np.int64),
            "length": np.array([len(item) for item in items], np.int64),
            "bytes": np.frombuffer(b"".join(items), np.uint8),
        }

    def restore(self, state: State) -> None:
        """Hold what `snapshot` gave; raises `BundleError` where that is damaged."""
        places, text = array(state, "place", np.int64), array(state, "bytes", np.uint8).tobytes()
        lengths = array(state, "length", np.int64, len(places))
        ends = np.cumsum(lengths)
        if (lengths < 1).any() or (ends[-1] if len(ends) else 0) != len(text):
            raise BundleError("The state is damaged (the lengths of its flows).")
        bounds = zip(places.tolist(), (ends - lengths).tolist(), ends.tolist(), strict=True)
        self._kept = {place: text[first:end] for place, first, end in bounds}
        self._first = self._next = int(array(state, "next", np.int64, 1)[0])
