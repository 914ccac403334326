"""What is learned and what is judged of a public data set, and what is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn


class Step(NamedTuple):
    """A message of a log or a call of a trace."""

    name: str
    seconds: float


Session = tuple[Step, ...]
"""The steps of one block or trace; they ran at once, so that their order says nothing."""


@dataclass(frozen=True)
class Split:
    """Sessions to learn from, and sessions to judge by their label; equal ones are counted, not repeated."""

    train: tuple[Session, ...]
    """In the order in which they came."""
    normal: Counter[Session]
    abnormal: Counter[Session]


def refuse(path: Path, reason: str, line: int | None = None) -> NoReturn:
    """Raises SystemExit with one sentence that names the file, the line and what is wrong there."""
    place = f"{path}" if line is None else f"{path}, line {line:,}"
    raise SystemExit(f"{place}: {reason}")
