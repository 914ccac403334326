"""What is held of access keys and of functions; plain, and small."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.records.identity import FunctionKey

NEVER = -1e18


class Suspicion(Struct, array_like=True):
    """What was strange about one access key lately, in points: those of the strangest call of each sort."""

    since: float
    last: float
    place: float = 0.0
    agent: float = 0.0
    other: float = 0.0
    """That the environment had ended, or that the credentials were given to somebody else."""
    operations: dict[int, float] = {}
    records: list[str] = []
    """Event ids, the first ones."""
    count: int = 0
    looks: int = 0
    """Calls that look around or reach for power, and are new to the function."""
    traits: dict[str, str] = {}
    """What is strange, by kind; the last operation."""


class AccessKey(Struct, array_like=True):
    """What one set of credentials did."""

    owner: int
    """Number of the function."""
    number: int = 0
    """Stands for its name."""
    calls: int = 0
    last: float = NEVER
    places: list[int] = []
    agents: list[int] = []
    elsewhere: int = 0
    """A place that it went on to, and that is not known to be its environment's; 0 for none."""
    elsewhere_calls: int = 0
    elsewhere_since: float = NEVER
    elsewhere_record: str = ""
    instance: int = 0
    ended: float = NEVER
    """When its environment was shut down."""
    moved: bool = False
    returned: bool = False
    mixed: bool = False
    is_foreign: bool = False
    """Whether somebody other than the platform had it given out."""
    suspicion: Suspicion | None = None
    borrower: int = 0
    """Who took on the role and never did before, where the session bears another name than the function's."""
    given: float = NEVER


class Telling(Struct, array_like=True):
    """That something was told."""

    last: float
    count: int
    """Records since it was strange for the first time, or again after a quiet day."""
    told: int
    keys: list[int] = []


class Outside(Struct, array_like=True):
    """A place and a program that used a function's credentials from outside, and the days of it."""

    days: int
    last_day: int


class Habits(Struct, array_like=True):
    """How a function uses its credentials."""

    key: FunctionKey
    known: bool = False
    """Whether its application is known."""
    roles: dict[int, int] = {}
    """Calls by role."""
    calls: int = 0
    unclaimed: int = 0
    """Calls whose program did not say that it ran in a function."""
    keys: int = 0
    moved: int = 0
    """Keys that went on to another address."""
    returned: int = 0
    """Keys that were used at two addresses by turns."""
    mixed: int = 0
    """Keys that another program used after the first."""
    new_agents: int = 0
    new_places: int = 0
    agents: dict[str, int] = {}
    places: dict[int, int] = {}
    """Keys by place, the last places."""
    operations: dict[int, int] = {}
    new_operations: float = 0.0
    runs: int = 0
    new_unseen: float = 0.0
    untraced: float = 0.0
    released: float = NEVER
    hour: int = -1
    strangest: float = 0.0
    """Of the calls of that hour, in points."""
    pending: dict[str, list[int]] = {}
    """Programs that were not met before, and the keys that used them."""
    outside: dict[int, Outside] = {}
    assumers: dict[int, int] = {}
    """Who took on its role besides the platform, and the last day of it."""
    told: dict[str, Telling] = {}


class Pool(Struct, array_like=True):
    """The same of all functions together, for those with little history."""

    calls: int = 0
    keys: int = 0
    moved: int = 0
    returned: int = 0
    mixed: int = 0
    new_agents: int = 0
    new_places: int = 0
    runs: int = 0
    new_unseen: int = 0
    hours: list[int] = []
    """Function-hours by the strangest call of each, in half points."""
