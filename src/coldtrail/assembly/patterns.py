"""Regular expressions that match in time proportional to the text, whoever wrote them.

Python's own matcher tries every way in which a pattern may fit: `(a+)+-` takes 2**n steps. This one never
tries the same place of the pattern at the same place of the text twice, and so takes at most as many steps as
there are such pairs ("bounded backtracking", Cox 2010, as in RE2's BitState). What it finds is what Python
finds first. Back references and looking around cannot be matched so, and are refused.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

_parse: Any = import_module("re._parser")
"""The standard library's own parser, so that a pattern means what it means everywhere."""
_MOST_CHARS = 1_000
_MOST_STEPS = 2_000
"""Instructions of a pattern, its counted repeats written out: with names of 256 characters, half a million
steps at worst."""
_FLAGS = re.UNICODE | re.IGNORECASE | re.DOTALL | re.VERBOSE
_CLASSES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_REFERENCE = re.compile(r"\\(?:g<(\w+)>|([1-9]\d?)|(.))", re.DOTALL)

Groups = tuple[int, ...]
"""Where each group begins and ends, -1 where it took no part."""


class _Char(NamedTuple):
    """Takes one character."""

    fits: Callable[[str], object]


class _Fork(NamedTuple):
    """Goes on at both, the first first."""

    first: int
    second: int


class _Mark(NamedTuple):
    """Notes a place of the text as the end or beginning of a group."""

    place: int


class _Look(NamedTuple):
    """Goes on only where this place of the text is of the right kind."""

    fits: Callable[[str, int], bool]


_Instruction = _Char | _Fork | _Mark | _Look


class Match(NamedTuple):
    """Where a text matched."""

    text: str
    groups: Groups
    names: dict[str, int]

    def group(self, number: int) -> str:
        """The text of a group, empty where it took no part; 0 is all of it."""
        begin, end = self.groups[2 * number : 2 * number + 2]
        return self.text[begin:end] if begin >= 0 else ""

    def expand(self, template: str) -> str:
        """The template with `\\1` and `\\g<name>` replaced by what the groups matched."""

        def replaced(found: re.Match[str]) -> str:
            name, number, other = found.groups()
            if other is not None:
                return "\\" if other == "\\" else found[0]
            reference = name or number
            return self.group(int(reference) if reference.isdecimal() else self.names[reference])

        return _REFERENCE.sub(replaced, template)


class Pattern:
    """A regular expression; raises ValueError, with what is wrong, for one that cannot be matched so."""

    def __init__(self, text: str) -> None:
        if len(text) > _MOST_CHARS:
            raise ValueError(f"it is longer than {_MOST_CHARS:,} characters")
        try:
            with warnings.catch_warnings(action="ignore"):
                self._compile(text)
        except (re.error, OverflowError) as error:
            raise ValueError(str(error)) from None
        except RecursionError:
            raise ValueError("it is nested too deeply") from None

    def _compile(self, text: str) -> None:
        compiled = re.compile(text)
        if compiled.flags & ~_FLAGS:
            raise ValueError("of the flags, only i, s and x are known here")
        self.names = dict(compiled.groupindex)
        self.number = compiled.groups
        self._program = _Program(compiled.flags)
        self._program.add(_parse.parse(text))

    def check(self, template: str) -> None:
        """Raises ValueError where a template refers to a group that the pattern lacks."""
        for name, number, _ in _REFERENCE.findall(template):
            reference = name or number
            known = self.names if not reference.isdecimal() else range(self.number + 1)
            if reference and (int(reference) if reference.isdecimal() else reference) not in known:
                raise ValueError(f"there is no group {reference!r}")

    def fullmatch(self, text: str) -> Match | None:
        """How the whole text matches, None where it does not."""
        groups = _run(self._program.instructions, text, self.number)
        return None if groups is None else Match(text, groups, self.names)


def _run(program: Sequence[_Instruction], text: str, number: int) -> Groups | None:
    """The groups of the first way in which the whole text matches."""
    end, size = len(program), len(text)
    tried: set[int] = set()
    waiting: list[tuple[int, int, Groups]] = [(0, 0, (0, size) + (-1, -1) * number)]
    while waiting:
        at, place, groups = waiting.pop()
        key = at * (size + 1) + place
        if key in tried:
            continue
        tried.add(key)
        if at == end:
            if place == size:
                return groups
            continue
        step = program[at]
        if isinstance(step, _Char):
            if place < size and step.fits(text[place]):
                waiting.append((at + 1, place + 1, groups))
        elif isinstance(step, _Fork):
            waiting.append((at + step.second, place, groups))
            waiting.append((at + step.first, place, groups))
        elif isinstance(step, _Mark):
            waiting.append((at + 1, place, (*groups[: step.place], place, *groups[step.place + 1 :])))
        elif step.fits(text, place):
            waiting.append((at + 1, place, groups))
    return None


class _Program:
    """A pattern as instructions; forks lead so many instructions on or back."""

    def __init__(self, flags: int) -> None:
        self.instructions: list[_Instruction] = []
        self._flags = flags & (re.IGNORECASE | re.DOTALL)

    def add(self, tree: Iterable[tuple[Any, Any]]) -> None:
        for operation, argument in tree:
            self._add_one(str(operation), argument)
            if len(self.instructions) > _MOST_STEPS:
                raise ValueError("its counted repeats make it too large")

    def _add_one(self, operation: str, argument: Any) -> None:
        if operation in ("MAX_REPEAT", "MIN_REPEAT"):
            self._add_repeat(*argument, is_greedy=operation == "MAX_REPEAT")
        elif operation == "SUBPATTERN":
            self._add_group(*argument)
        elif operation == "BRANCH":
            self._add_branches(argument[1])
        elif operation == "AT":
            self.instructions.append(_Look(_PLACES[str(argument)]))
        else:
            self.instructions.append(_Char(re.compile(_atom(operation, argument), self._flags).fullmatch))

    def _add_group(self, number: int | None, more: int, less: int, inner: Any) -> None:
        if more or less:
            raise ValueError("flags inside a pattern are not known here")
        if number is not None:
            self.instructions.append(_Mark(2 * number))
        self.add(inner)
        if number is not None:
            self.instructions.append(_Mark(2 * number + 1))

    def _add_branches(self, branches: Sequence[Any]) -> None:
        parts = [self._part(branch) for branch in branches]
        behind = sum(len(part) + 2 for part in parts)
        for part in parts:
            behind -= len(part) + 2
            # The last branch has nothing to fork to: its own beginning twice is tried once.
            self.instructions.append(_Fork(1, len(part) + 2 if behind else 1))
            self.instructions += part
            self.instructions.append(_Fork(behind + 1, behind + 1))

    def _add_repeat(self, least: int, most: Any, inner: Any, *, is_greedy: bool) -> None:
        part = self._part(inner)
        endless = str(most) == "MAXREPEAT"
        if (least + (1 if endless else int(most) - least)) * (len(part) + 2) > _MOST_STEPS:
            raise ValueError("its counted repeats make it too large")
        self.instructions += part * least
        if endless:
            over = len(part) + 2
            self.instructions.append(_fork(1, over, is_greedy))
            self.instructions += [*part, _Fork(-len(part) - 1, -len(part) - 1)]
            return
        for left in range(int(most) - least, 0, -1):
            self.instructions.append(_fork(1, left * (len(part) + 1), is_greedy))
            self.instructions += part

    def _part(self, tree: Any) -> list[_Instruction]:
        other = _Program(self._flags)
        other.add(tree)
        return other.instructions


def _fork(into: int, over: int, is_greedy: bool) -> _Fork:
    return _Fork(into, over) if is_greedy else _Fork(over, into)


def _atom(operation: str, argument: Any) -> str:
    """The regular expression of one character; raises ValueError for what is none."""
    if operation == "LITERAL":
        return _char(argument)
    if operation == "NOT_LITERAL":
        return f"[^{_char(argument)}]"
    if operation == "ANY":
        return "."
    if operation == "IN":
        return "[" + "".join(_member(str(kind), value) for kind, value in argument) + "]"
    raise ValueError(
        "back references, looking around, and atomic or possessive parts cannot be matched safely"
    )


def _member(kind: str, value: Any) -> str:
    if kind == "NEGATE":
        return "^"
    if kind == "LITERAL":
        return _char(value)
    if kind == "RANGE":
        return f"{_char(value[0])}-{_char(value[1])}"
    return _CLASSES[str(value)]


def _char(code: int) -> str:
    return f"\\U{code:08x}"


def _is_boundary(text: str, place: int) -> bool:
    before = place > 0 and _is_word(text[place - 1])
    after = place < len(text) and _is_word(text[place])
    return before != after


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


_PLACES: dict[str, Callable[[str, int], bool]] = {
    "AT_BEGINNING": lambda text, place: place == 0,
    "AT_BEGINNING_STRING": lambda text, place: place == 0,
    "AT_END": lambda text, place: text[place:] in ("", "\n"),
    "AT_END_STRING": lambda text, place: place == len(text),
    "AT_BOUNDARY": _is_boundary,
    "AT_NON_BOUNDARY": lambda text, place: not _is_boundary(text, place),
}
