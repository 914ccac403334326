"""Reports written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from coldtrail.errors import ConfigError


def write_whole(path: Path, parts: Iterable[str]) -> None:
    """Nothing; the file holds all parts, or what it held before. Raises `ConfigError` if it cannot."""
    part = path.with_name(f".{path.name[:64]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"{path}: the report cannot be written: {reason}.") from None
    finally:
        part.unlink(missing_ok=True)
