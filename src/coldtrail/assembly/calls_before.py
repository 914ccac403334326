"""Which calls of the audit log an earlier part of the input told: the same ones once more are no news."""

from __future__ import annotations

from coldtrail.assembly.remembered import Remembered
from coldtrail.records.stage import State
from coldtrail.records.witnesses import ApiCall, Witness

_MOST = 100_000
_NAME = "calls"


class CallsBefore:
    """Remembers those that came last. Copies within one part find each other where calls are joined."""

    def __init__(self) -> None:
        self._before, self._all = Remembered(_MOST), Remembered(_MOST)

    def told(self, witness: Witness) -> bool:
        """Whether an earlier part told this call, and takes it."""
        if not isinstance(witness, ApiCall):
            return False
        name = f"{witness.account} {witness.event_id} {witness.digest}"
        self._all.add(name)
        return name in self._before

    def state(self) -> State:
        """All that is remembered."""
        return {_NAME: self._all.state()}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        if _NAME in state:
            self._before = Remembered.restored(_MOST, state, _NAME)
            self._all = Remembered.restored(_MOST, state, _NAME)
