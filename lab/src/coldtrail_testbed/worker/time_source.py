"""Makes a worker's time the virtual clock's."""

import datetime
import time
from typing import Any, SupportsFloat

from coldtrail_testbed.clock import VirtualClock

_RealDatetime = datetime.datetime


class _AnyDatetime(type):
    """Every real datetime counts as an instance of the replaced class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _RealDatetime)


def install(clock: VirtualClock) -> None:
    """None; `time` and `datetime` of this process read `clock`, and sleeping advances it at once."""

    class ClockDatetime(_RealDatetime, metaclass=_AnyDatetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(clock.now(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.fromtimestamp(clock.now(), datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    def sleep(seconds: SupportsFloat) -> None:
        clock.advance(float(seconds))

    vars(time).update(time=clock.now, time_ns=lambda: int(clock.now() * 1e9), sleep=sleep)
    vars(datetime)["datetime"] = ClockDatetime
