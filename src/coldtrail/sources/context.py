"""What a live source is given beside its own settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally


class SourceContext(Struct, frozen=True):
    """Made by the service, one for each `[[source]]`; a source is made by `Source(settings, context)`."""

    name: str
    """As the settings have it, or the kind where they name none; two sources never share one."""
    limits: LimitSettings
    tally: Tally
    """Where the source counts what it refuses and loses; used from the source's own thread alone."""
    environment: Mapping[str, str]
    """Secrets come from here, by the names that the settings give."""
    data: Path
    """The service's folder, for what a source has to keep beside its position (TLS material is not)."""
