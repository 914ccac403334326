"""Files that nobody but their owner may read."""

from __future__ import annotations

import os
from pathlib import Path

from coldtrail.store.drafts import drafted_file

_OWNER_ONLY = 0o600


def write_private(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all; what stands at the path, a link as well, is replaced.

    Raises OSError where it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafted_file(path) as (draft, handle):
        os.fchmod(handle, _OWNER_ONLY)
        with os.fdopen(os.dup(handle), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
