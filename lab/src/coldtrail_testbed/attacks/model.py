"""An attack as data: where it strikes, how often, what happens, which events are the attack's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.flows import Flow

Handler = Callable[[Any, Any], Any]
Behaviour = Callable[[Handler, Any, Any], Any]
Locate = Callable[[Flow], Sequence[str]]


@dataclass(frozen=True)
class Share:
    """The run's attack share of the function's invocations, drawn one by one, shared with other attacks."""


@dataclass(frozen=True)
class OneIn:
    """One invocation in every `number`, at a drawn place (in the run's first part, if it is shorter)."""

    number: int


@dataclass(frozen=True)
class Sustained:
    """Every invocation for `hours`, from the moment at which `after` of the run's users have come.

    Where `after` is None, an intruder says when.
    """

    hours: float
    after: float | None = 0.5


Pace = Share | OneIn | Sustained


@dataclass(frozen=True)
class Place:
    """The function of one application that an attack infects.

    `behave(ordinary_handler, event, context)` runs inside the function's process. `locate(flow)` returns the
    ids of the injected or changed events, none when the invocation ended before the attack began. `grants` is
    what the infected function's role allows beyond the ordinary one: permissions that the attack misuses;
    `buckets` are the attacker's own, which exist beside the application's.
    """

    function: str
    behave: Behaviour
    locate: Locate
    pace: Pace = Share()
    grants: Sequence[Grant] = ()
    buckets: Sequence[str] = ()
    memory_mb: float = 0.0
    """What an invocation holds in memory beyond the ordinary."""
    same_as_benign: str | None = None
    """Why a benign flow can look the same, where that is so by nature."""


class Intruder(Protocol):
    """What an attacker does from outside, with stolen or leaked means."""

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of a REST API's answer."""

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket, put there as users do."""

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Any:
        """The answer of `function`, called directly with a leaked user's key."""

    def call_as(self, function: str, service: str, operation: str, **parameters: Any) -> Any:
        """The answer of an AWS call, made with `function`'s role credentials; None when it is denied.

        `service` and `operation` are the API's names: `dynamodb`, `GetItem`.
        """

    def now(self) -> float:
        """The time in UTC epoch seconds."""


@dataclass(frozen=True)
class Intrusion:
    """A campaign from outside: a generator that acts and yields the seconds until it acts again.

    It begins once in a run, at a drawn time (at a local hour in `hours`, where given). All function flows
    that its own calls start are labelled, with the events that `locate` finds; so are its AWS calls, in
    CloudTrail.
    """

    function: str
    campaign: Callable[[Intruder, Random], Iterator[float]]
    locate: Locate
    grants: Sequence[Grant] = ()
    hours: tuple[int, int] | None = None
    same_as_benign: str | None = None


@dataclass(frozen=True)
class Attack:
    """An attack and its place in each application, by the application's name."""

    name: str
    summary: str
    places: Mapping[str, Place | Intrusion]
