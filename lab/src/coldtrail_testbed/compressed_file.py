"""Compressed files whose bytes follow from their content alone."""

import gzip
from pathlib import Path


class CompressedFile(gzip.GzipFile):
    """A compressed file without name and time in its header: equal content gives equal bytes."""

    def __init__(self, path: Path, *, level: int = 6) -> None:
        self._raw = path.open("wb")
        super().__init__(filename="", mode="wb", compresslevel=level, fileobj=self._raw, mtime=0)

    def close(self) -> None:
        """None; the file is complete."""
        try:
            super().close()
        finally:
            self._raw.close()
