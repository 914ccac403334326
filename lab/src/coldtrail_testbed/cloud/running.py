"""Which instance is at work: only one activity runs at a time, nested calls lie on top."""

from collections.abc import Iterator
from contextlib import contextmanager

from coldtrail_testbed.cloud.instances import Slot


class RunningInstances:
    """The stack of instances that are inside an invocation, the innermost last."""

    def __init__(self) -> None:
        self._slots: list[Slot] = []
        self._attack: str | None = None
        self._steps = 0

    @contextmanager
    def inside(self, slot: Slot) -> Iterator[None]:
        """The time in which the instance of `slot` runs its handler."""
        self._slots.append(slot)
        self._steps += 1
        try:
            yield
        finally:
            self._slots.pop()
            self._steps += 1

    @contextmanager
    def intrusion(self, attack: str | None) -> Iterator[None]:
        """The time in which an attacker's call from outside is at work; nobody's when `attack` is None."""
        previous, self._attack = self._attack, attack
        try:
            yield
        finally:
            self._attack = previous

    @property
    def intruding(self) -> str | None:
        """The attack whose own call is being answered; None inside the functions that the call woke."""
        return None if self._slots else self._attack

    def progress(self) -> int:
        """The number of steps so far: it stands still while a handler hangs."""
        return self._steps

    @property
    def function(self) -> str | None:
        """The function that is at work now, the innermost one; None when none is."""
        return self._slots[-1].function if self._slots else None

    @property
    def address(self) -> str | None:
        """The public address of the instance that is at work now; None when none is."""
        return self._slots[-1].address if self._slots else None

    def count_bytes(self, *, received: int, sent: int) -> None:
        """None; the innermost function received and sent so many bytes in a call."""
        if self._slots:
            self._slots[-1].traffic.count(received=received, sent=sent)

    def count_call(self) -> bool:
        """Whether the AWS call that is made now is the first one of its instance."""
        self._steps += 1
        if not self._slots:
            return False
        self._slots[-1].calls += 1
        return self._slots[-1].calls == 1
