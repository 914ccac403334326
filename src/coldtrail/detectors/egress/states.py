"""What is held of destinations and amounts; plain, and small."""

from __future__ import annotations

from msgspec import Struct, field

from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import RefKind

NEVER = -1e18


class Telling(Struct, array_like=True):
    """That something was told."""

    last: float
    amount: float
    """When it was told last."""


class Amount(Struct, array_like=True):
    """Bytes, or names, by hour and day."""

    hour: int = -1
    total: float = 0.0
    """Of that hour."""
    peak: float = 0.0
    """The most of any hour, which fades."""
    hours: int = 0
    strangest: float = 0.0
    """Of that hour: the decimal logarithm of how many times the most it was."""
    day: int = -1
    day_total: float = 0.0
    is_whole: bool = False
    """Whether that day was seen from its beginning."""
    days: list[tuple[int, int]] = []
    """Bytes, and calls that moved bytes, of the last days."""
    calls: int = 0
    largest: float = 0.0
    """Calls of that hour, and the bytes of the largest."""
    call_peak: float = 0.0
    """The most that calls of an hour moved each, its largest left out; fades."""
    call_hours: int = 0
    """Hours that this is known from."""
    day_calls: int = 0
    day_peak: float = 0.0
    day_peak_calls: int = 0
    """The most bytes, and the most calls, of any of `days`."""
    strangest_day: float = 0.0
    """Of the day that runs, as `strangest`."""


class Drain(Struct, array_like=True):
    """Bytes of a function to or from one destination, or of all in one direction."""

    bytes: float = 0.0
    largest: list[float] = []
    calls: int = 0
    """Of the day that runs: bytes, those of the largest calls, ascending, and calls."""
    looked: tuple[float, int] = (0.0, 0)
    """Bytes and calls at its last look."""
    since_look: float = 0.0
    """Bytes of the largest call since then."""
    quarters: int = 0
    """Looks before which calls carried more by themselves."""
    sum: float = 0.0
    squares: float = 0.0
    """Of the logarithms of its calls."""
    scatter: float = 0.25
    """The variance that these usually have within a day."""
    row: list[int] = []
    """Of the day that runs: its number, and what its looks saw so far."""
    found: float = 0.0
    """The e-values of these looks, of which each counts by its part of the day."""
    more: float = 0.0
    usual: float = 0.0
    """Of the day that runs, at its last look: bytes beyond the usual, and the usual ones."""
    is_calm: bool = True
    """Whether no look of it was strange at all."""
    days: list[list[int]] = []
    """Rows of the last usual days, the oldest first."""
    evidence: float = 1.0
    """The e-CUSUM of days that have ended."""
    suspected: int = 0
    """Days on end that taught nothing."""
    since: int = -1
    """The day from which the evidence is."""
    more_before: float = 0.0
    usual_before: float = 0.0
    """Of the days since then that have ended."""
    each: float = 0.0
    """Bytes that a call usually carries."""
    refs: list[tuple[RefKind, str]] = []
    """The last records that carried more."""


class Meetings(Struct, array_like=True):
    """In how many hours things are met, and how often one for the first time; both fade."""

    since: float = NEVER
    hour: int = -1
    hours: float = 0.0
    times: int = 0
    new: float = 0.0
    known: dict[int, int] = {}


class Travels(Struct, array_like=True):
    """Where a function sends data, and how much."""

    key: FunctionKey
    met: Meetings
    accounts: dict[int, int] = {}
    """Other accounts, whose resources it uses."""
    hour: int = -1
    runs: int = 0
    """Invocations in that hour."""
    runs_peak: float = 0.0
    day: int = -1
    day_runs: int = 0
    sent: Amount = field(default_factory=Amount)
    received: Amount = field(default_factory=Amount)
    traffic: Amount = field(default_factory=Amount)
    """What the platform measured of its network traffic."""
    largest: float = 0.0
    """Of one invocation; fades."""
    measured: int = 0
    released: float = NEVER
    told: dict[str, Telling] = {}
    look: int = -1
    """The part of a day that runs, counted from the epoch."""
    is_whole: bool = False
    """Whether the day that runs was seen from its beginning."""
    drains: dict[str, dict[str, Drain]] = {}
    """By direction and destination; no name stands for all of them."""


class Interface(Struct, array_like=True):
    """A network interface, which functions of one subnet and the same rules share."""

    account: str
    region: str
    met: Meetings
    ports: Meetings
    traffic: Amount
    functions: list[int] = []
    vpc: str = ""
    told: dict[str, Telling] = {}


class Resolver(Struct, array_like=True):
    """Names that were asked for in a private network."""

    account: str
    region: str
    met: Meetings
    lately: list[int] = []
    """The last long names."""
    long: dict[int, Amount] = {}
    """Long names that are asked for below a domain."""
    told: dict[str, Telling] = {}


class Pool(Struct, array_like=True):
    """What all functions together know, and how strange their hours and days are."""

    known: dict[int, int] = {}
    """Destinations of any function."""
    accounts: dict[int, int] = {}
    hours: list[int] = []
    days: list[int] = []
    whole_days: list[int] = []
    spread: float = -3.2
    spreads: int = 5
    """The mean logarithm of the variance of what days carry, and of how many it is (five of a fifth)."""
