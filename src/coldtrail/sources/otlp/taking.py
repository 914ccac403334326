"""What both ways of taking in OTLP share: bounds, tokens, counts, and the way to the spool."""

from __future__ import annotations

from coldtrail.errors import SpoolFullError, StoreError
from coldtrail.records.intake import Accept
from coldtrail.records.tally import Tally
from coldtrail.sources.in_flight import InFlight
from coldtrail.sources.otlp.answers import FULL, NO_TOKEN, UNWRITTEN, Refusal, RefusedError
from coldtrail.sources.otlp.settings import OtlpSettings
from coldtrail.sources.tokens import Tokens

REQUESTS, BYTES, PUT_OFF = "requests accepted", "bytes accepted", "requests put off: "
BROKEN_OFF = "requests broken off"


class Taking:
    """One `otlp` source at work; used from one event loop."""

    def __init__(
        self, name: str, settings: OtlpSettings, tokens: Tokens | None, tally: Tally, accept: Accept
    ) -> None:
        self.settings = settings
        self.in_flight = InFlight(settings.max_in_flight_bytes)
        self._name = name
        self._tokens = tokens
        self._tally = tally
        self._counts = tally.counts
        self._accept = accept

    def check_token(self, authorization: bytes) -> None:
        """Raises `RefusedError` where a token is asked for and not shown."""
        if self._tokens is not None and not self._tokens.allow(authorization):
            raise RefusedError(NO_TOKEN)

    async def keep(self, payload: bytes) -> None:
        """Returns once the request lies on disk; raises `RefusedError` where it cannot be put there now."""
        try:
            await self._accept(self._name, payload)
        except SpoolFullError:
            raise RefusedError(FULL) from None
        except StoreError:
            raise RefusedError(UNWRITTEN) from None
        self._counts[REQUESTS] += 1
        self._counts[BYTES] += len(payload)

    def broken_off(self) -> None:
        """Counts a request whose sender went away before it had come whole: nothing of it was taken in."""
        self._counts[BROKEN_OFF] += 1

    def refuse(self, refusal: Refusal) -> None:
        """Counts a refusal: what is only put off is no loss."""
        if refusal.is_put_off:
            self._tally.count(PUT_OFF + refusal.kind)
        else:
            self._tally.lose(f"request refused: {refusal.kind}", origin=self._name, reason=refusal.sentence)
