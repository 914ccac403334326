"""Commands as a shell reads them: the only place where a name from telemetry enters a command.

A name stands there only where its characters are those that AWS allows for its kind, and where no command
line can take it for an option or for a file to load. Elsewhere a placeholder stands, and a sentence says why.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from coldtrail.alerts.showing.kinds import KINDS
from coldtrail.records.next_step import Command, NextStep, Slot

_LOADED = ("file:", "fileb:", "http:", "https:")
"""What the AWS command line fetches and sends (AWS CLI User Guide, Load a parameter from a file)."""
_SHORTHAND = re.compile(r"[A-Za-z0-9_.:/@+$-]+")
"""What means nothing in `Key=Value,Key=Value` (AWS CLI User Guide, Shorthand syntax)."""


def arguments(command: Command) -> list[str]:
    """The arguments of the command, each name either as it is or as a placeholder."""
    return [one if isinstance(one, str) else one.before + _name(one) + one.after for one in command.argv]


def in_shell(command: Command) -> str:
    """The command on one line, ready to be pasted into a POSIX shell."""
    return shlex.join(arguments(command))


def notes(command: Command) -> list[str]:
    """Why placeholders stand in the command, a sentence each."""
    slots = [one for one in command.argv if isinstance(one, Slot)]
    return list(dict.fromkeys(filter(None, map(_note, slots))))


def step_text(step: NextStep) -> str:
    """The step as one text, the command last: for places that hold nothing but text."""
    if step.command is None:
        return step.told
    return " ".join(_parts(step.told, notes(step.command))) + f": {in_shell(step.command)}"


def _parts(told: str, why: list[str]) -> Iterator[str]:
    yield told
    if why:
        yield f"({'; '.join(one.rstrip('.') for one in why)})"


def _name(slot: Slot) -> str:
    return KINDS[slot.kind].placeholder if slot.name is None or _refusal(slot) else slot.name


def _note(slot: Slot) -> str:
    kind = KINDS[slot.kind]
    why = "the telemetry does not tell it" if slot.name is None else _refusal(slot)
    return f"{kind.placeholder} stands for {kind.noun}: {why}." if why else ""


def _refusal(slot: Slot) -> str:
    """Why the name may not stand in the command; empty where it may."""
    name = slot.name or ""
    if not KINDS[slot.kind].allowed.fullmatch(name):
        return "as it is shown here, AWS allows no such name"
    if not slot.before and name.startswith("-"):
        return "it begins with a dash, as options do"
    if not slot.before and name.startswith(_LOADED):
        return "it would be read as the address of a file"
    if slot.before and not _SHORTHAND.fullmatch(name):
        return "the command line would take it apart"
    return ""
