"""What one run of a function uses: memory, CPU time, network bytes, space in /tmp.

Real: the bytes of the payload, the response and the bodies of the calls; TLS and headers are left out.
Modelled: the memory of a Python runtime with boto3 and the X-Ray SDK (a level for each function, its
instances near it), of which an instance reports its peak so far, and the space in /tmp.
"""

import re
from dataclasses import dataclass
from functools import cache
from random import Random

# Spread so that the 99th percentile lies 1.14 above the median, as in the Azure Functions memory records.
_LEVEL_MB = (66.0, 98.0)
_INSTANCE_SIGMA = 0.045
_RUN_SIGMA = 0.03
_MEMORY_PER_BYTE = 4.0
_TMP_BLOCK = 4096
_MB = 1 << 20
# Services write the times of this machine into some answers: their digits must not count.
_FRACTION = re.compile(rb"(?<=\d{10})\.\d+")


def counted(body: bytes) -> int:
    """The length of a body; times in it count as written in milliseconds."""
    return len(_FRACTION.sub(b".000", body))


@dataclass
class Traffic:
    """Bytes that a running function received and sent."""

    received: int = 0
    sent: int = 0

    def count(self, *, received: int = 0, sent: int = 0) -> None:
        """None; these bytes came and went too."""
        self.received += received
        self.sent += sent


class ResourceModel:
    """Memory and /tmp use: what a function needs follows from its name, its instances' spread from the seed.

    A function is the same in every run: what one run teaches of it holds in another.
    """

    def __init__(self, seed: int) -> None:
        self._spread = Random(f"{seed} memory")  # noqa: S311 - repeatable on purpose
        self._level = cache(_draw_level)
        self._tmp = cache(_draw_tmp)

    def peak_memory_mb(self, function: str, before_mb: float, traffic: Traffic) -> float:
        """An instance's peak after one more run; `before_mb` is its peak before, 0 for a new instance."""
        if not before_mb:
            before_mb = self._level(function) * self._spread.lognormvariate(0, _INSTANCE_SIGMA)
        parsed = _MEMORY_PER_BYTE * (traffic.received + traffic.sent) / _MB
        now = before_mb * min(1.0, self._spread.lognormvariate(-_RUN_SIGMA, _RUN_SIGMA)) + parsed
        return max(before_mb, now)

    def tmp_bytes(self, function: str) -> int:
        """Bytes in /tmp, a small and constant number for each function: no handler writes there."""
        return self._tmp(function)


def _draw_level(function: str) -> float:
    return Random(f"memory {function}").uniform(*_LEVEL_MB)  # noqa: S311 - repeatable on purpose


def _draw_tmp(function: str) -> int:
    return _TMP_BLOCK * Random(f"tmp {function}").randint(1, 40)  # noqa: S311 - repeatable on purpose
