"""What lies in no single step: how much of something there was, and who or what was met."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

QuantityUnit = Literal[
    "invocations", "errors", "calls", "seconds", "mb", "bytes", "gb_seconds", "usd", "functions", "ratio"
]


class Quantity(Struct, frozen=True, tag="quantity"):
    """How much of something there was, or usually is, within a period."""

    value: float
    unit: QuantityUnit
    of: str = ""
    """What is measured, in one word: `memory`, `duration`, `tmp`, `received`, `sent`, `cpu`, `init`."""
    period_s: float | None = None
    """Of a count or sum; None for a level."""
    most: float | None = None
    """The most that was seen before."""
    days: float | None = None
    """Of history that this is known from."""
    prices: tuple[float, float] | None = None
    """USD of a GB-second and of a million requests, by which money was counted."""


TraitKind = Literal[
    "principal",
    "role",
    "service",
    "address",
    "network",
    "country",
    "user_agent",
    "environment",
    "endpoint",
    "hour",
    "account",
    "bucket",
    "topic",
    "queue",
    "host",
    "domain",
    "resource",
    "operation",
    "trigger",
    "layer",
    "extension",
    "runtime",
    "code",
    "permission",
    "url",
    "function_role",
    "version",
]


class Trait(Struct, frozen=True, tag="trait"):
    """Something about who calls, from where, or what is reached, that was never met before."""

    what: TraitKind
    value: str
    """A pseudonym where it would name a person or an address."""


class Traits(Struct, frozen=True, tag="traits"):
    """Several of them at once."""

    traits: tuple[Trait, ...]
