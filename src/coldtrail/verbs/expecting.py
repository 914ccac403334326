"""Whether telemetry holds more than traces, before it is read: flows have to wait for what else is told."""

from __future__ import annotations

from coldtrail.config import Settings
from coldtrail.errors import ColdtrailError
from coldtrail.formats.detect import tells_besides
from coldtrail.sources.files import FileSource

MOST_FILES = 16
"""Of those that are looked into. What they do not show is seen once it comes."""


def is_more_expected(source: FileSource, format_name: str, settings: Settings) -> bool:
    """Whether any of a few files begins with something that tells of runs beside their traces."""
    tells = tells_besides(format_name, settings)
    try:
        return any(tells(document) for document in source.first_of_each(MOST_FILES))
    except ColdtrailError:
        # Who reads it all says what is wrong with it.
        return False
