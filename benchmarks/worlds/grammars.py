"""Path grammars: what a function may do in a run, as nodes that are walked at random and read as a pattern.

A run's word holds a letter for each call that did not fail, in the order of the calls' starts. The pattern of
a grammar matches the words of exactly those runs that it can give, so that whatever an attack makes can be
asked: could a benign run look like this?
"""

from __future__ import annotations

import re
from itertools import permutations
from random import Random

from msgspec import Struct

from benchmarks.worlds.latencies import Latency
from benchmarks.worlds.names import Name

FIRST_LETTER = 0xE000
"""The first character for private use in Unicode."""


class Kind(Struct, frozen=True):
    """One kind of call: what it does to what, and how it fails."""

    letter: str
    service: str
    action: str
    name: Name
    latency: Latency
    failing: float = 0.0
    """The chance that it fails first, and is made again."""
    timeout_s: float | None = None
    """How long a call takes that fails, where that is always as long."""
    starts: str | None = None
    """The function that it starts."""


class Call(Struct, frozen=True, tag=True):
    """One call."""

    kind: Kind


class Row(Struct, frozen=True, tag=True):
    """Parts one after another."""

    parts: tuple[Node, ...]


class Maybe(Struct, frozen=True, tag=True):
    """A part that comes in some runs."""

    part: Node
    chance: float


class Either(Struct, frozen=True, tag=True):
    """One of several parts."""

    parts: tuple[Node, ...]
    weights: tuple[float, ...]


class Loop(Struct, frozen=True, tag=True):
    """A part several times."""

    part: Node
    least: int
    most: int


class Together(Struct, frozen=True, tag=True):
    """Calls made at once: any of them may begin first."""

    kinds: tuple[Kind, ...]


class Leave(Struct, frozen=True, tag=True):
    """The run may end here."""

    chance: float


Node = Call | Row | Maybe | Either | Loop | Together | Leave


class Step(Struct):
    """A call of a run; those of one `group` are made at once."""

    kind: Kind
    group: int
    fails: bool = False


def walk(node: Node, random: Random) -> list[Step]:
    """The calls of one run."""
    steps: list[Step] = []
    _walk(node, random, steps)
    return steps


def _walk(node: Node, random: Random, steps: list[Step]) -> bool:
    """Adds the calls of a node; False where the run ends."""
    match node:
        case Call(kind):
            _make(kind, random, steps)
        case Row(parts):
            return all(_walk(part, random, steps) for part in parts)
        case Maybe(part, chance):
            return random.random() >= chance or _walk(part, random, steps)
        case Either(parts, weights):
            return _walk(random.choices(parts, weights)[0], random, steps)
        case Loop(part, least, most):
            return all(_walk(part, random, steps) for _ in range(random.randint(least, most)))
        case Together(kinds):
            group = _next_group(steps)
            steps += [Step(kind, group) for kind in random.sample(kinds, len(kinds))]
        case Leave(chance):
            return random.random() >= chance
    return True


def _make(kind: Kind, random: Random, steps: list[Step]) -> None:
    if random.random() < kind.failing:
        steps.append(Step(kind, _next_group(steps), fails=True))
    steps.append(Step(kind, _next_group(steps)))


def _next_group(steps: list[Step]) -> int:
    return steps[-1].group + 1 if steps else 0


def word(steps: list[Step]) -> str:
    """The letters of the calls that did not fail."""
    return "".join(step.kind.letter for step in steps if not step.fails)


class Pattern:
    """Which words a grammar can give."""

    def __init__(self, node: Node) -> None:
        self._compiled = re.compile(_pattern([node]))

    def matches(self, word: str) -> bool:
        """Whether a benign run could have this word."""
        return self._compiled.fullmatch(word) is not None


def _pattern(nodes: list[Node]) -> str:
    """The pattern of nodes one after another; a run may end at a `Leave`."""
    if not nodes:
        return ""
    first, rest = nodes[0], nodes[1:]
    match first:
        case Row(parts):
            return _pattern([*parts, *rest])
        case Leave():
            return f"(?:{_pattern(rest)})?"
        case Call(kind):
            found = kind.letter
        case Maybe(part, _):
            found = f"(?:{_pattern([part])})?"
        case Either(parts, _):
            found = f"(?:{'|'.join(_pattern([part]) for part in parts)})"
        case Loop(part, least, most):
            found = f"(?:{_pattern([part])}){{{least},{most}}}"
        case Together(kinds):
            orders = permutations([kind.letter for kind in kinds])
            found = f"(?:{'|'.join(''.join(order) for order in orders)})"
    return found + _pattern(rest)


def kinds_in(node: Node) -> list[Kind]:
    """All kinds of calls of a grammar, each once."""
    found: dict[str, Kind] = {}
    _gather(node, found)
    return list(found.values())


def _gather(node: Node, found: dict[str, Kind]) -> None:
    match node:
        case Call(kind):
            found.setdefault(kind.letter, kind)
        case Together(kinds):
            found.update({kind.letter: kind for kind in kinds})
        case Row(parts) | Either(parts, _):
            for part in parts:
                _gather(part, found)
        case Maybe(part, _) | Loop(part, _, _):
            _gather(part, found)
