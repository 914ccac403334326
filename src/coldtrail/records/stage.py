"""What every stage is that holds something between records: it can be stopped and resumed at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from coldtrail.errors import BundleError

State = dict[str, NDArray[np.generic]]
"""Arrays by name; JSON and MessagePack stand in arrays of bytes. Never pickle."""

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out")
T = TypeVar("T")
Scalar = TypeVar("Scalar", bound=np.generic)


class Stage(Protocol[In, Out]):
    """Takes records and gives records; offline and live differ only in who calls `advance`.

    The law: any cut of the input into pushes, any interleaving of `advance` that respects the watermark, and
    any snapshot and restore in between give the same output.
    """

    def push(self, batch: Sequence[In]) -> list[Out]:
        """What the batch makes certain at once."""
        ...

    def advance(self, watermark: float) -> list[Out]:
        """What becomes certain now that everything before the watermark (event time, UTC epoch seconds) has
        come; infinity at the end of all input."""
        ...

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        ...

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        ...


class Store(Protocol):
    """Where bytes are kept in the order of their coming."""

    def add(self, items: Sequence[bytes]) -> None:
        """Keep these as well."""
        ...

    def get(self, number: int) -> bytes:
        """Those that came as this number, from 0 on."""
        ...

    def beside(self) -> Store | None:
        """Another such place, None where memory has to do."""
        ...


def packed(value: object) -> NDArray[np.uint8]:
    """The MessagePack of records, numbers, text and collections of them, as an array of bytes."""
    return np.frombuffer(msgspec.msgpack.encode(value), np.uint8)


def unpacked(state: State, name: str, type: type[T]) -> T:
    """What `packed` made an array of; raises `BundleError` where that is missing or damaged."""
    try:
        return msgspec.msgpack.decode(array(state, name, np.uint8).tobytes(), type=type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"The state is damaged ({name}: {error}).") from None


def array(state: State, name: str, dtype: type[Scalar], length: int | None = None) -> NDArray[Scalar]:
    """An array with one axis, of this type and, if given, length; raises `BundleError` where none is."""
    found = state.get(name)
    if found is None or found.ndim != 1 or found.dtype != dtype or length not in (None, len(found)):
        raise BundleError(f"The state is damaged ({name} is missing or of another kind).")
    return cast(NDArray[Scalar], found)


def joined(parts: Mapping[str, State]) -> State:
    """The states of several stages as one."""
    return {f"{name}/{key}": one for name, state in parts.items() for key, one in state.items()}


def part(state: State, name: str) -> State:
    """The state of one of several stages that `joined` put together."""
    return {key[len(name) + 1 :]: one for key, one in state.items() if key.startswith(f"{name}/")}
