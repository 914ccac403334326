"""What documents say of one thing that cannot all be true."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

CONTRADICTION = "contradiction"
"""The kind of the finding."""

Thing = Literal["run", "step", "link"]
"""A `link` is a part of the trace above a run: what invoked or triggered it."""
Said = str | float | bool | None


class Statement(Struct, frozen=True):
    """What a document says of a thing, as far as others say otherwise."""

    values: tuple[Said, ...]
    """One for each aspect, two for `times`: start and end, UTC epoch seconds. None where it says nothing.

    No value at all where it said otherwise, and what it said is not known any more."""
    witness: str = ""
    """The format of the document."""
    origin: str = ""
    """The file, or other source, that it came from; empty where that is not known any more."""
    place: str = ""
    """Where in the origin."""


class Contradiction(Struct, frozen=True, tag=CONTRADICTION):
    """What documents say of one run, step or link that cannot all be true."""

    of: Thing
    id: str
    name: str
    """Of the run its function, of a step its name, of a link the resource."""
    aspects: tuple[str, ...]
    """In what they disagree, in alphabetical order: `name`, `parent`, `resource`, `times`, ...; `step` where
    only a digest of what the other says of a step is left."""
    statements: tuple[Statement, ...]
    """The first few."""
    more: int = 0
    """Statements beyond these."""
    others: int = 0
    """Further things of the trace that are told of in contradictory ways, in the same aspects."""
