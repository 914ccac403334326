"""Whether a file is worth reading on: one whose first documents were all refused is not."""

from __future__ import annotations

from collections.abc import Callable

MOST_REFUSED = 10_000
"""Documents of a file that may be refused before one is accepted; with as many, nobody waits for the rest."""


def _nothing_unknown(origin: str) -> bool:
    return False


class Outcomes:
    """Follows what becomes of the documents of each file, which come one file after another.

    Where some of them are read by others, `look_again` says whether any of the first `MOST_REFUSED` documents
    of a file is accepted.
    """

    def __init__(self, look_again: Callable[[str], bool] = _nothing_unknown) -> None:
        self._look_again = look_again
        self._origin = ""
        self._seen = 0
        self._some_unknown = False
        self._accepted = False
        self.hopeless: set[str] = set()
        """Files that are to be read no further, by their origin."""

    def note(self, origin: str, accepted: bool | None) -> None:
        """Takes in whether the next document was accepted; None where others know."""
        if origin != self._origin:
            self._origin, self._seen, self._some_unknown, self._accepted = origin, 0, False, False
        if self._accepted:
            return
        if accepted:
            self._accepted = True
            return
        self._seen += 1
        self._some_unknown = self._some_unknown or accepted is None
        if self._seen == MOST_REFUSED:
            self._accepted = self._some_unknown and self._look_again(origin)
            if not self._accepted:
                self.hopeless.add(origin)
