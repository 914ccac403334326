"""What to do next, as values: a sentence, and where there is one the command that shows what it speaks of.

Nothing here is text to cut apart: a name from telemetry stands in a command as a `Slot` of a kind, and
whoever renders the command decides whether the name may stand there (`alerts/showing/shell.py`).
"""

from __future__ import annotations

from msgspec import Struct


class Slot(Struct, frozen=True, tag="slot"):
    """Where a name that the telemetry tells stands in a command."""

    kind: str
    """What is named: one of `alerts/showing/kinds.py:KINDS`."""
    name: str | None
    """As the telemetry has it; None where it does not tell it."""
    before: str = ""
    """What stands before the name in the same argument."""
    after: str = ""
    """And what behind it."""


class Command(Struct, frozen=True):
    """A command as its arguments, the program first."""

    argv: tuple[str | Slot, ...]


class NextStep(Struct, frozen=True):
    """What to look at next."""

    told: str
    """A sentence; without its full stop where a command follows."""
    command: Command | None = None
