"""Mining: the function computes for its own sake, for as long as its timeout lets it."""

import hashlib
import random
from typing import Any

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Handler, Place

_COMPUTE_S = (10.0, 25.0)
_HASHES = 5_000


def _mine_afterwards(ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.worker.computing import compute

    result = ordinary(event, context)
    _search(str(result).encode())
    compute(random.uniform(*_COMPUTE_S))  # noqa: S311 - not for secrets
    return result


def _search(block: bytes) -> bytes:
    """The smallest of some hashes: real work, though less of it than the time that is modelled for it."""
    return min(hashlib.sha256(block + nonce.to_bytes(8, "big")).digest() for nonce in range(_HASHES))


ATTACK = Attack(
    name="mining",
    summary="computes for 10 to 25 s without any call",
    places={
        "airline": Place("IngestLoyalty", _mine_afterwards, the_invocation),
        "vod": Place("step-functions", _mine_afterwards, the_invocation),
    },
)
