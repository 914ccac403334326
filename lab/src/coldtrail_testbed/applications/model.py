"""An application as data: what is deployed, what wakes it, and who uses it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol


@dataclass(frozen=True)
class Grant:
    """What a role allows: `actions` such as `dynamodb:PutItem` on one resource (its ARN, or `*`)."""

    actions: tuple[str, ...]
    resource: str


@dataclass(frozen=True)
class Function:
    """A Lambda function; `handler` is its dotted path, `grants` all that its role allows."""

    name: str
    handler: str
    timeout_s: float = 30.0
    memory_mb: int = 256
    grants: Sequence[Grant] = ()


@dataclass(frozen=True)
class Route:
    """A method and a path of a REST API, served by a function; `{name}` in the path matches one segment."""

    api: str
    method: str
    path: str
    function: str


@dataclass(frozen=True)
class TableRoute:
    """A method and a path of a REST API that query a table's index without any function.

    The path's one parameter is the value of `key`, the index's hash key, as in an AWS service integration of
    API Gateway.
    """

    api: str
    method: str
    path: str
    table: str
    index: str
    key: str


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
    indexes: Sequence[Index] = ()
    items: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Subscription:
    """A function that a topic's messages invoke, when their attributes match `filter_policy`."""

    topic: str
    function: str
    filter_policy: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class QueueSubscription:
    """A queue that a topic's messages go to, when their attributes match `filter_policy`."""

    topic: str
    queue: str
    filter_policy: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class QueueConsumer:
    """A function that takes the messages of a queue, at most `batch_size` at a time."""

    queue: str
    function: str
    batch_size: int = 10


@dataclass(frozen=True)
class BucketNotification:
    """A function that is invoked for each object created in a bucket under `prefix` and with `suffix`."""

    bucket: str
    function: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class MailRule:
    """An SES receipt rule: mail to `domain` is stored in a bucket under `prefix`."""

    domain: str
    bucket: str
    prefix: str


@dataclass(frozen=True)
class Schedule:
    """An EventBridge rule that invokes a function every `rate_s` seconds (whole minutes) with `input`."""

    name: str
    rate_s: int
    function: str
    input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EventRule:
    """An EventBridge rule of the default bus: events that match `pattern` invoke a function."""

    name: str
    pattern: Mapping[str, Any]
    function: str


@dataclass(frozen=True)
class StateMachine:
    """A state machine in the Amazon States Language, and what its role allows."""

    name: str
    definition: Mapping[str, Any]
    grants: Sequence[Grant] = ()


@dataclass(frozen=True)
class ServiceRole:
    """A role that a service (its principal, such as `mediaconvert.amazonaws.com`) takes on for a function."""

    name: str
    service: str
    grants: Sequence[Grant] = ()


class Browser(Protocol):
    """What a simulated user does with an application; nothing of it waits for what it starts in the cloud."""

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of the API's answer."""

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket."""

    def send_mail(self, recipient: str, subject: str, attachment: str, content: bytes) -> None:
        """None; a mail with one attachment is on its way to `recipient`."""

    def now(self) -> float:
        """The time in UTC epoch seconds."""


Visit = Callable[[Browser], Iterator[float]]
"""One user's visit: a generator that acts and yields the seconds that the user then waits."""

Gap = Callable[[float, Random], float]
"""Seconds from one user's arrival, at a UTC epoch time, to the next one's."""


@dataclass(frozen=True)
class Application:
    """All of one application; `users` makes the visit of one simulated user after the other.

    `releases` are the handlers of later versions of functions (with an extra step, which the function's
    grants allow from the start), `later` the functions that are deployed in the middle of a run with the
    triggers that name them, both by the benign look-alikes only. `public_buckets` are those of `buckets` that
    the world may read. `partner` is the REST API, or the service, that stands for somebody else's,
    `partner_callers` the functions that call it. `iterations` are the visits of the paper's runs, which
    begin at `first_hour` of a day (UTC).
    """

    name: str
    summary: str
    functions: Sequence[Function]
    users: Callable[[Random], Visit]
    gap: Gap
    routes: Sequence[Route] = ()
    table_routes: Sequence[TableRoute] = ()
    tables: Sequence[Table] = ()
    topics: Sequence[str] = ()
    subscriptions: Sequence[Subscription] = ()
    queue_subscriptions: Sequence[QueueSubscription] = ()
    queues: Sequence[str] = ()
    queue_consumers: Sequence[QueueConsumer] = ()
    buckets: Sequence[str] = ()
    public_buckets: Sequence[str] = ()
    bucket_notifications: Sequence[BucketNotification] = ()
    mail_rules: Sequence[MailRule] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    schedules: Sequence[Schedule] = ()
    event_rules: Sequence[EventRule] = ()
    state_machines: Sequence[StateMachine] = ()
    service_roles: Sequence[ServiceRole] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    later: Sequence[Function] = ()
    partner: str = ""
    partner_callers: Sequence[str] = ()
    iterations: int = 800
    first_hour: int = 6
