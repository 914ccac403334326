"""What a source is given when it is made."""

from __future__ import annotations

from pathlib import Path

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.sources.context import SourceContext


def context_of(name: str, data: Path) -> SourceContext:
    """The context of a source of this name."""
    return SourceContext(name, LimitSettings(), Tally(), {}, data)
