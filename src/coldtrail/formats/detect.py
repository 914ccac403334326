"""The parser of a format by its name, or of each document by what it looks like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol, TypeVar

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document, Observations
from coldtrail.registry import FORMATS, TRACES, load

AUTO = "auto"
T = TypeVar("T")


class Parser(Protocol):
    """Turns a document into what it says; raises `DocumentError` and nothing else."""

    def __call__(self, document: Document) -> Observations: ...

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same, as columns where the document holds a whole trace that columns can tell of."""
        ...

    def trace_of(self, payload: bytes) -> bytes | None:
        """The id of the one trace that the payload speaks of, as far as a quick look tells; else None."""
        ...


class Format(Parser, Protocol):
    """A parser that recognises documents of its format."""

    def matches(self, payload: bytes) -> bool:
        """Whether the payload looks like a document of the format."""
        ...


def parser_for(
    name: str,
    settings: Settings,
    counts: Counter[str] | None = None,
    pseudonyms: Pseudonyms | None = None,
) -> Parser:
    """The parser of the format, or of all formats for `auto`; raises `ConfigError` for an unknown name.

    `counts` is told how many documents of each format were read, as `format xray`. Without `pseudonyms`,
    a key is drawn for them.
    """
    counts = Counter() if counts is None else counts
    pseudonyms = Pseudonyms() if pseudonyms is None else pseudonyms
    if name == AUTO:
        chosen: dict[str, Format] = {known: _made(known, settings, pseudonyms) for known in FORMATS}
    else:
        chosen = {name: _made(name, settings, pseudonyms)}
    counted: dict[str, Format] = {known: _Counted(parser, known, counts) for known, parser in chosen.items()}
    return AutoParser(counted) if name == AUTO else counted[name]


def tells_besides(name: str, settings: Settings) -> Callable[[Document], bool]:
    """Says of a document whether it looks like one of a format that tells of runs beside their traces."""
    if name != AUTO:
        return lambda document: name not in TRACES
    pseudonyms = Pseudonyms()
    formats = {known: _made(known, settings, pseudonyms) for known in FORMATS}

    def tells(document: Document) -> bool:
        looks = (
            known for known, one in formats.items() if one.matches(document.payload) or _owns(one, document)
        )
        return next(looks, "native") not in TRACES

    return tells


def _made(name: str, settings: Settings, pseudonyms: Pseudonyms) -> Format:
    made: Format = load(FORMATS, name, "format")(settings, pseudonyms)
    return made


class _Counted:
    """A format that counts the documents it has read, and names itself in what it refuses."""

    def __init__(self, parser: Format, name: str, counts: Counter[str]) -> None:
        self._parse: Format = parser
        self._straight = parser.straight
        self._name, self._label = name, f"format {name}"
        self._counts = counts
        self._matches = parser.matches
        self.owns = getattr(parser, "owns", None)
        self.trace_of = parser.trace_of

    def matches(self, payload: bytes) -> bool:
        """Whether the payload looks like a document of the format."""
        return self._matches(payload)

    def __call__(self, document: Document) -> Observations:
        """What the document says."""
        try:
            parsed = self._parse(document)
        except DocumentError as error:
            error.format = self._name
            raise
        self._counts[self._label] += 1
        return parsed

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same, as columns where that can be."""
        try:
            parsed = self._straight(document)
        except DocumentError as error:
            error.format = self._name
            raise
        self._counts[self._label] += 1
        return parsed


class AutoParser:
    """Chooses the format per document; the one that matched last is tried first."""

    def __init__(self, formats: dict[str, Format]) -> None:
        self._formats = list(formats.values())
        self._known = ", ".join(sorted(formats))
        self._last = self._formats[0]

    def __call__(self, document: Document) -> Observations:
        """What the document says, by the first format that can read it."""
        return self._by_first(document, lambda one: one(document))

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same, as columns where that can be."""
        return self._by_first(document, lambda one: one.straight(document))

    def _by_first(self, document: Document, read: Callable[[Format], T]) -> T:
        last = self._last
        if not last.matches(document.payload):
            return self._search(document, read)
        try:
            return read(last)
        except DocumentError:
            others = [other for other in self._formats if other is not last]
            if not any(one.matches(document.payload) or _owns(one, document) for one in others):
                raise
            return self._search(document, read)

    def trace_of(self, payload: bytes) -> bytes | None:
        """The id of the payload's one trace as the first format that it looks like tells it; else None."""
        for candidate in self._formats:
            if candidate.matches(payload):
                return candidate.trace_of(payload)
        return None

    def _search(self, document: Document, read: Callable[[Format], T]) -> T:
        failure: DocumentError | None = None
        for candidate in self._formats:
            if candidate.matches(document.payload):
                try:
                    parsed = read(candidate)
                except DocumentError as error:
                    failure = failure or error
                else:
                    self._last = candidate
                    return parsed
        owner = next((one for one in self._formats if _owns(one, document)), None)
        if owner is not None:
            return read(owner)
        raise failure or DocumentError(
            f"This is no telemetry of a known format ({self._known}); name the format with --format."
        )


def _owns(one: Format, document: Document) -> bool:
    """Whether a document belongs to a format by where it stands alone, as what a function prints does."""
    owns = getattr(one, "owns", None)
    return owns is not None and not one.matches(document.payload) and bool(owns(document))
