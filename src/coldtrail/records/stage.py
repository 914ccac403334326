"""What every stage is that holds something between records: it can be stopped and resumed at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

State = dict[str, NDArray[np.generic]]
"""Arrays by name; JSON and MessagePack stand in arrays of bytes. Never pickle."""

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out")


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
