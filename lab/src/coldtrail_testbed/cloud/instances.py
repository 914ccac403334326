"""The instances of functions in virtual time: which one is warm, which one is free, and when each expires.

An instance is not a process: processes are few and may be replaced; instances live by virtual time alone.
"""

from base64 import b32encode, b64encode
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256, shake_256
from random import Random

from coldtrail_testbed.cloud.identities import instance_address
from coldtrail_testbed.cloud.resource_use import Traffic
from coldtrail_testbed.cloud.runtime_api import Instance

# AWS documents neither limit: measurements see instances kept for about 5 to 15 idle minutes, and
# recycled after an hour or two.
_IDLE_LIMIT_S = (240.0, 900.0)
_AGE_LIMIT_S = (2700.0, 9000.0)
# Activities that overlap are run one after the other: a later one may still look this far back.
_LOOK_BACK_S = 300.0
_RUNS_KEPT = 20


@dataclass
class Slot:
    """One instance of a function: its life in virtual time, and the process that stands for it, if any."""

    id: str
    function: str
    handler: str
    variables: Mapping[str, str]
    born: float
    idle_limit: float
    expires: float
    busy: list[tuple[float, float]] = field(default_factory=list)
    in_use: bool = False
    last_turn: int = 0
    instance: Instance | None = None
    pid: int = 0
    starts: int = 0
    calls: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    peak_mb: float = 0.0

    @property
    def log_stream(self) -> str:
        """The name of its log stream, as Lambda forms it: day, version, 32 hexadecimal digits."""
        day = datetime.fromtimestamp(self.born, UTC).strftime("%Y/%m/%d")
        version = self.variables.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        return f"{day}/[{version}]{self.id}{sha256(self.id.encode()).hexdigest()[:16]}"

    @property
    def access_key(self) -> str:
        """The id of its role session's temporary access key, derived from its own id."""
        return "ASIA" + b32encode(sha256(f"key {self.id}".encode()).digest()).decode()[:16]

    @property
    def address(self) -> str:
        """The public address from which its calls come."""
        return instance_address(self.access_key)

    @property
    def session_token(self) -> str:
        """The session token that goes with the access key."""
        return b64encode(shake_256(f"token {self.id}".encode()).digest(192)).decode()

    def idle_since(self, now: float) -> float:
        """When its last run before `now` ended; its birth when there was none."""
        return max((end for _, end in self.busy if end <= now), default=self.born)

    def is_warm(self, now: float, for_s: float = 0.0) -> bool:
        """Whether it exists at `now`, and is free then and for `for_s` seconds more."""
        if self.in_use or not self.born <= now < min(self.expires, self.idle_since(now) + self.idle_limit):
            return False
        return all(end <= now or begin >= now + for_s for begin, end in self.busy)

    def worked(self, begin: float, end: float) -> None:
        """None; it was busy from `begin` to `end`."""
        self.in_use = False
        self.busy = [(early, late) for early, late in self.busy if late > begin - _LOOK_BACK_S]
        self.busy.append((begin, end))

    def is_gone(self, now: float) -> bool:
        """Whether nothing that happens from `now` on, or a little before, can find it warm."""
        last = max((end for _, end in self.busy), default=self.born)
        return not self.in_use and min(self.expires, last + self.idle_limit) < now - _LOOK_BACK_S


class Fleet:
    """All instances of all functions."""

    def __init__(self, generator: Random) -> None:
        self._generator = generator
        self._slots: defaultdict[str, list[Slot]] = defaultdict(list)
        self._lengths: defaultdict[str, list[float]] = defaultdict(list)

    def find(self, function: str, now: float) -> Slot | None:
        """The instance that takes an invocation at `now`: of the warm ones, the one that worked last."""
        longest = max(self._lengths[function], default=0.0)
        warm = [slot for slot in self._slots[function] if slot.is_warm(now, longest)]
        return max(warm, key=lambda slot: slot.idle_since(now), default=None)

    def add(
        self, identifier: str, function: str, handler: str, variables: Mapping[str, str], now: float
    ) -> Slot:
        """A new instance."""
        slot = Slot(
            identifier,
            function,
            handler,
            variables,
            born=now,
            idle_limit=self._generator.uniform(*_IDLE_LIMIT_S),
            expires=now + self._generator.uniform(*_AGE_LIMIT_S),
        )
        self._slots[function].append(slot)
        return slot

    def remove(self, slot: Slot) -> None:
        """None; the instance has ended."""
        self._slots[slot.function].remove(slot)

    def worked(self, slot: Slot, begin: float, end: float) -> None:
        """None; `slot` was busy from `begin` to `end`."""
        slot.worked(begin, end)
        self._lengths[slot.function] = [*self._lengths[slot.function][1 - _RUNS_KEPT :], end - begin]

    def gone(self, function: str, now: float) -> list[Slot]:
        """The instances of `function` that can never be warm again."""
        return [slot for slot in self._slots[function] if slot.is_gone(now)]

    def of(self, function: str) -> list[Slot]:
        """The instances of `function`."""
        return list(self._slots[function])

    def with_process(self) -> list[Slot]:
        """The instances that a process stands for now."""
        return [slot for slots in self._slots.values() for slot in slots if slot.pid]
