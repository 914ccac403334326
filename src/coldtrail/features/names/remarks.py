"""What is told of functions that name new resources again and again."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.features.names.sampling import KEPT
from coldtrail.records.identity import FunctionKey

OWN_STEPS = "function"
"""The event type of what a function names itself: its steps have names and no resources."""
_KINDS = {"remote": "hosts", OWN_STEPS: "steps of its own"}

Key = tuple[FunctionKey, str]
"""Function and event type."""


class Remark(NamedTuple):
    """A function that names new resources again and again, and what is made of it."""

    key: Key
    names: int
    runs: int
    templates: tuple[str, ...]
    share: float = 0.0
    """Of the function's runs, that bring a new one."""
    examples: tuple[str, ...] = ()
    takes_words: bool = False
    """Whether words vary in them, among which another word can hide."""

    @property
    def sentence(self) -> str:
        """For people: once, however many names there are."""
        shown = ", ".join(self.templates[:3])
        more = f" and {len(self.templates) - 3} more forms" if len(self.templates) > 3 else ""
        whose, event_type = self.key
        kind = _KINDS.get(event_type, f"{event_type} resources")
        return (
            f"{whose.function} keeps naming new {kind} ({_about(self.names)} names in {self.runs:,} runs): "
            f"those of the form {shown}{more} are treated as one, and a new one of it is no alarm"
            f"{self._doubt}."
        )

    @property
    def _doubt(self) -> str:
        """What is to be done where an attacker may have named them."""
        if not self.takes_words:
            return ""
        such = ", ".join(self.examples)
        return (
            f". New ones come in {100 * self.share:.2g} % of its runs (such as {such}): unless "
            "you know why, see `coldtrail bundle review` and call attacks malicious in a feedback file"
        )


def _about(names: int) -> str:
    """A number, in two digits where it is an estimate."""
    return f"{names:,}" if names <= KEPT else f"about {float(f'{names:.2g}'):,.0f}"
