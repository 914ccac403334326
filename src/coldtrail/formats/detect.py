"""The parser of a format by its name, or of each document by its looks."""

from __future__ import annotations

from typing import Protocol

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.records import Document, Parsed
from coldtrail.registry import FORMATS, load

AUTO = "auto"


class Parser(Protocol):
    """A document to what it says; raises `DocumentError` and nothing else."""

    def __call__(self, document: Document) -> Parsed: ...


class Format(Parser, Protocol):
    """A parser that knows documents of its format by their looks."""

    @staticmethod
    def matches(payload: bytes) -> bool: ...


def parser_for(name: str, settings: Settings) -> Parser:
    """The parser of the format, or of all formats for `auto`; raises `ConfigError` for an unknown name."""
    if name == AUTO:
        return AutoParser({known: load(FORMATS, known, "format")(settings) for known in FORMATS})
    parser: Parser = load(FORMATS, name, "format")(settings)
    return parser


class AutoParser:
    """Chooses the format per document; the one that matched last is tried first."""

    def __init__(self, formats: dict[str, Format]) -> None:
        self._formats = list(formats.values())
        self._known = ", ".join(sorted(formats))
        self._last = self._formats[0]

    def __call__(self, document: Document) -> Parsed:
        """What the document says, by the first format that can read it."""
        last = self._last
        if not last.matches(document.payload):
            return self._search(document)
        try:
            return last(document)
        except DocumentError:
            if not any(other.matches(document.payload) for other in self._formats if other is not last):
                raise
            return self._search(document)

    def _search(self, document: Document) -> Parsed:
        failure: DocumentError | None = None
        for candidate in self._formats:
            if candidate.matches(document.payload):
                try:
                    parsed = candidate(document)
                except DocumentError as error:
                    failure = failure or error
                else:
                    self._last = candidate
                    return parsed
        raise failure or DocumentError(
            f"This is no telemetry of a known format ({self._known}); name the format with --format."
        )
