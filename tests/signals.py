"""Factories of signals for tests."""

from __future__ import annotations

from typing import Any

from coldtrail.records.finding import Finding, Subject, Value
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity, Trait

NOON = 1_700_000_000.0
PAY = FunctionKey("111122223333", "eu-west-1", "shop", "pay")
SHIP = FunctionKey("111122223333", "eu-west-1", "shop", "ship")
HOUR_S = 3_600.0


def make_signal(
    kind: str = "surge",
    key: FunctionKey = PAY,
    at: float = NOON,
    *,
    strength: float = 2.0,
    expected: Value | None = None,
    seen: Value | None = None,
    principal: str = "",
    **fields: Any,
) -> Signal:
    """A signal of a function, or of a principal where one is named."""
    subject = Subject("principal", key.account, principal=principal) if principal else Subject.of(key)
    finding = Finding(
        kind,
        subject,
        None,
        expected or Quantity(10.0, "invocations", period_s=300.0),
        seen or Quantity(200.0, "invocations", period_s=300.0),
    )
    plain: dict[str, Any] = {
        "detector": "rates",
        "finding": finding,
        "strength": strength,
        "since": at - 60.0,
        "at": at,
        "refs": (Ref("event", f"{kind}-{at:.0f}"),),
    }
    return Signal(**plain | fields)


def trait_signal(kind: str, value: str, **fields: Any) -> Signal:
    """The same of something that was never met."""
    return make_signal(kind, seen=Trait("country", value), detector="callers", **fields)
