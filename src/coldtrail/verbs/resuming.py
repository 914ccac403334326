"""Where a call of `score` goes on from, and where the next one will."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from coldtrail.errors import BundleError
from coldtrail.pipeline import Pipeline, Told
from coldtrail.records.stage import State, joined, part
from coldtrail.store.state import StateFolder, state_folder
from coldtrail.verbs.earlier import Earlier


class Memory:
    """What calls hand on to the next one; without a folder nothing, and each is the first."""

    def __init__(self, folder: StateFolder | None = None) -> None:
        self._folder = folder
        self._held: State = {}
        self.earlier = Earlier()

    @property
    def notes(self) -> list[str]:
        """What was put right in the folder before, a sentence each."""
        return [] if self._folder is None else self._folder.notes

    @property
    def lasts(self) -> bool:
        """Whether there will be a next call that goes on from this one."""
        return self._folder is not None

    def begin(self, line: Pipeline) -> None:
        """Lets the line go on from where the last call ended; raises `BundleError` where that is damaged.

        Whoever restores says what is damaged; any other error is a fault of our own, and not the file's."""
        state = None if self._folder is None else self._folder.read()
        if self._folder is None or state is None:
            return
        try:
            line.restore(part(state, "line"))
            self.earlier.restore(part(state, "earlier"))
        except BundleError as error:
            raise self._folder.damaged(str(error)) from None

    def hold(self, line: Pipeline) -> Sequence[Told]:
        """Keeps what is final for the next call: all that is quiet, since what comes is later. What is still
        open is kept as it is."""
        if self._folder is None:
            return ()
        told = line.advance(line.now)
        self._held = line.snapshot()
        return told

    def end(self) -> None:
        """Puts what was held, and what was told, in the place of what the last call left."""
        if self._folder is not None:
            self._folder.write(joined({"line": self._held, "earlier": self.earlier.snapshot()}))


@contextmanager
def memory_in(folder: str | Path | None, bundle: str) -> Iterator[Memory]:
    """The memory in a folder that belongs to a bundle, if one is named, which no other process may use
    meanwhile."""
    if folder is None:
        yield Memory()
        return
    with state_folder(Path(folder), bundle) as held:
        yield Memory(held)
