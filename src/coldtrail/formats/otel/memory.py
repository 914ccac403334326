"""What was understood of spans and resources, remembered within a bound: most spans tell what others told.

An attribute is a `Token`, the same one for the same bytes, so that what a span tells can be looked up without
a look at any text.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from coldtrail.config import LimitSettings
from coldtrail.formats.otel import attributes as known
from coldtrail.formats.otel.calls import Converted
from coldtrail.formats.otel.meanings import Meaning, Meanings

_MOST_RESOURCES = 2_000
_MOST_MEANINGS = 50_000
_MOST_CHARS = 16_000_000

_Key = tuple[object, ...]


class Token:
    """A listed attribute and its value; equal only to itself."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value


class Alone(Token):
    """An attribute whose value no other span shares: only that it is told says what the span means."""

    __slots__ = ()

    @property
    def mark(self) -> Token:
        """Says that the attribute is told."""
        return MARKS[self.name]


MARKS = {name: Token(name, "told") for name in known.ONE_SPAN_ALONE}
"""Say that an attribute is told which no other span shares."""


def token_of(name: str, value: object) -> Token | None:
    """The token of an attribute; None where it may not enter, or is of no use."""
    if name not in known.LISTED:
        return None
    fitting = known.fit(name, value)
    if fitting is None:
        return None
    return Alone(name, fitting) if name in known.ONE_SPAN_ALONE else Token(name, fitting)


class Known(NamedTuple):
    """What is known of all spans that differ in ids, times and dropped values only."""

    meaning: Meaning
    failed: bool
    is_remote: bool


class Resource:
    """What several spans share, and what those mean by what they tell."""

    __slots__ = ("meanings", "shapes", "told")

    def __init__(self, told: known.Attributes) -> None:
        self.told = told
        self.meanings: dict[_Key, Meaning] = {}
        """By what a span tells: its tokens, its name and its kind."""
        self.shapes: dict[_Key, Known] = {}
        """By all that spans share which differ in ids, times and dropped values only."""


class Memory:
    """Resources and meanings that were met before."""

    def __init__(self, limits: LimitSettings) -> None:
        self._meanings = Meanings(limits.max_name_chars)
        self._resources: dict[Hashable, Resource] = {}
        self._number = self._chars = 0

    def resource(self, key: Hashable) -> Resource | None:
        """The resource that the key stands for, if it was met."""
        return self._resources.get(key)

    def learn_resource(self, key: Hashable, tokens: Sequence[Token], size: int) -> Resource:
        """The resource of these attributes; `size` is about how many bytes the key takes."""
        if len(self._resources) >= _MOST_RESOURCES or self._chars > _MOST_CHARS:
            self._forget()
        made = self._resources[key] = Resource(dictionary(tokens))
        self._chars += size
        return made

    def learn(
        self,
        resource: Resource,
        key: _Key,
        tokens: Sequence[Token],
        name: str,
        kind: int,
        converted: Converted | None = None,
    ) -> Meaning:
        """What a span means that tells so, which no span of this resource did before."""
        meaning = self._meanings.of(name, kind, dictionary(tokens), resource.told, converted)
        self._make_room(resource)
        resource.meanings[key] = meaning
        self._number += 1
        self._chars += 100 + len(name) + sum([len(token.value) for token in tokens])
        return meaning

    def learn_shape(self, resource: Resource, key: _Key, known: Known, size: int) -> None:
        """Remember what spans of a shape mean; `size` is about how many bytes the key takes."""
        self._make_room(resource)
        resource.shapes[key] = known
        self._number += 1
        self._chars += size

    def _make_room(self, resource: Resource) -> None:
        """Forget all where too much is known, also of this resource, which may be forgotten already."""
        if self._number >= _MOST_MEANINGS or self._chars > _MOST_CHARS:
            self._forget()
            resource.meanings.clear()
            resource.shapes.clear()

    def _forget(self) -> None:
        for resource in self._resources.values():
            resource.meanings.clear()
            resource.shapes.clear()
        self._resources.clear()
        self._number = self._chars = 0


def dictionary(tokens: Sequence[Token]) -> known.Attributes:
    """Attributes by name; of one that is told twice, what is told first."""
    return {token.name: token.value for token in reversed(tokens)}


def request_of(alone: Sequence[Token]) -> str | None:
    """The request id among what no other span shares: the invocation's own before that of a call."""
    told = dictionary(alone)
    return known.first((*known.INVOCATION, *known.REQUEST), told)
