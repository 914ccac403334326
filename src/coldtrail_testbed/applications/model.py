"""An application as data: what is deployed, and who uses it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol


@dataclass(frozen=True)
class Function:
    """A Lambda function; `handler` is its dotted path."""

    name: str
    handler: str
    timeout_s: float = 30.0


@dataclass(frozen=True)
class Route:
    """A method and a path of a REST API, served by a function; `{name}` in the path matches one segment."""

    api: str
    method: str
    path: str
    function: str


@dataclass(frozen=True)
class Index:
    """A global secondary index of a table."""

    name: str
    hash_key: str
    range_key: str


@dataclass(frozen=True)
class Table:
    """A DynamoDB table, its keys (all strings), and what it holds at the start."""

    name: str
    hash_key: str = "id"
    range_key: str | None = None
    index: Index | None = None
    items: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Subscription:
    """A function that a topic's messages invoke, when their attributes match `filter_policy`."""

    topic: str
    function: str
    filter_policy: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class StateMachine:
    """A state machine in the Amazon States Language."""

    name: str
    definition: Mapping[str, Any]


class Browser(Protocol):
    """What a simulated user does with an application."""

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of the API's answer."""

    def wait(self, seconds: float) -> None:
        """None; the user does nothing for so long."""

    def now(self) -> float:
        """The time in UTC epoch seconds."""


Visit = Callable[[Browser], None]


@dataclass(frozen=True)
class Application:
    """All of one application; `users` makes the visit of one simulated user after the other."""

    name: str
    summary: str
    functions: Sequence[Function]
    users: Callable[[Random], Visit]
    routes: Sequence[Route] = ()
    tables: Sequence[Table] = ()
    topics: Sequence[str] = ()
    subscriptions: Sequence[Subscription] = ()
    queues: Sequence[str] = ()
    buckets: Sequence[str] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    state_machines: Sequence[StateMachine] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
