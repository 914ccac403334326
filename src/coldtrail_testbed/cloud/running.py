"""Which instance is at work: only one activity runs at a time, nested calls lie on top."""

from collections.abc import Iterator
from contextlib import contextmanager

from coldtrail_testbed.cloud.worker_pool import Slot


class RunningInstances:
    """The stack of instances that are inside an invocation, the innermost last."""

    def __init__(self) -> None:
        self._slots: list[Slot] = []

    @contextmanager
    def inside(self, slot: Slot) -> Iterator[None]:
        """The time in which the instance of `slot` runs its handler."""
        self._slots.append(slot)
        try:
            yield
        finally:
            self._slots.pop()

    def count_call(self) -> bool:
        """Whether the AWS call that is made now is the first one of its instance."""
        if not self._slots:
            return False
        self._slots[-1].calls += 1
        return self._slots[-1].calls == 1
