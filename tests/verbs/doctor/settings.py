"""Settings for tests of `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coldtrail.service.settings import LiveSettings, SourceTable, live_settings_from


def settings(folder: Path, *, notify: list[dict[str, Any]] | None = None, **source: Any) -> LiveSettings:
    """Settings with one source; nothing listens for a status page."""
    service = {"data": str(folder / "data"), "bundle": str(folder / "model"), "listen": ""}
    sources = [source] if source else []
    return live_settings_from({"service": service, "source": sources, "notify": notify or []}, "test")


def table(folder: Path, **source: Any) -> SourceTable:
    """The table of a source."""
    return settings(folder, **source).sources[0]
