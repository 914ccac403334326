"""The files of a bundle, as they were read, by the names of their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coldtrail.bundle.parts import Arrays, expanded, unpacked
from coldtrail.features.arrays import Array, check

ARRAYS, TEXT, SMALL_TEXT = ".arrays", ".json.zst", ".json"
"""How the names of files end, by what they hold."""


class PartFiles:
    """The parts of a bundle, by their names without suffix."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def has(self, name: str) -> bool:
        """Whether a part was written, and read."""
        return any(file.partition(".")[0] == name for file in self._files)

    def text(self, name: str) -> bytes:
        """The JSON of a part; raises KeyError where it is missing, ValueError where it is damaged."""
        packed_text = self._files.get(name + TEXT)
        return self._files[name + SMALL_TEXT] if packed_text is None else expanded(packed_text)

    def arrays(self, name: str) -> Arrays:
        """The arrays of a part; raises as `text` does."""
        return unpacked(self._files[name + ARRAYS])

    def checked(self, name: str, declared: Sequence[Array], known: Mapping[str, int]) -> Arrays:
        """The arrays of a part, checked against their declaration."""
        arrays = self.arrays(name)
        check(arrays, declared, known)
        return arrays
