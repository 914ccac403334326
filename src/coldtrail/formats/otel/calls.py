"""What a span is as a step: its name, its type and, where it calls something, the resource that it is about.

The same call gives the same step as in X-Ray's words, whoever instrumented it.
"""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.otel import attributes as known
from coldtrail.formats.otel.attributes import Attributes, first
from coldtrail.formats.services import (
    ACCEPTED,
    INVOKE,
    INVOKE_ASYNCHRONOUSLY,
    Databases,
    Operations,
    Resources,
    Services,
    host_of,
)
from coldtrail.formats.statements import verb_of

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
LIFECYCLE = frozenset(("Initialization", "Invocation", "Overhead", "Restore"))
COLD = frozenset(("Initialization", "Restore"))
_STARTS = ("init ", "platform.init")
"""How spans of the start of an instance are named: receiver `telemetryapi` of opentelemetry-lambda."""
_AWS = ("aws-api", "aws_api")
_SQS = frozenset(("aws_sqs", "aws.sqs", "awssqs", "amazonsqs", "sqs"))
_SNS = frozenset(("aws_sns", "aws.sns", "awssns", "amazonsns", "sns"))
_SENDING = frozenset(("send", "publish", "create"))
_RECEIVING = frozenset(("receive", "poll"))
_USUAL_PORTS = frozenset(("", "0", "80", "443"))
_SYSTEMS = {"kafka": "Kafka", "rabbitmq": "RabbitMQ", "servicebus": "Service Bus", "gcp_pubsub": "Pub/Sub"}
# fmt: off
_SQL = frozenset((
    "CockroachDB", "DB2", "H2", "MariaDB", "MySQL", "Oracle", "PostgreSQL", "Redshift", "SQL Server",
    "SQLite", "Snowflake", "Spanner",
))
# fmt: on
_BUCKET_HOSTS = (".s3.", ".s3-")
_NO_VERB = "query"
_LONGEST_VERB = 32
_UNKNOWN = ("UnknownRemoteService", "UnknownRemoteOperation")


class Step(NamedTuple):
    """What is told of a step but its id, its parent and its times; names are raw."""

    name: str
    kind: str
    target: str | None = None
    is_call: bool = False


class Converted(NamedTuple):
    """What a record that was a segment or a subsegment of X-Ray says of itself."""

    name: str
    is_segment: bool
    namespace: str | None = None


class Calls:
    """Steps by what is told of their spans."""

    def __init__(self, max_chars: int) -> None:
        self._names = RawNames()
        self._services = Services(max_chars)
        self._operations = Operations(max_chars)
        self._databases = Databases(max_chars)
        self._resources = Resources()

    def step(self, name: str, kind: int, told: Attributes, converted: Converted | None = None) -> Step:
        """What the span is as a step of the run that it belongs to."""
        if converted is not None and converted.name:
            name = converted.name
        namespace = None if converted is None else converted.namespace
        aws = self._aws(name, told, namespace)
        if aws is not None:
            return aws
        if kind not in (CLIENT, PRODUCER, CONSUMER) and namespace != "remote":
            bound = self._binding(name, kind, told)
            return self._own(name) if bound is None else bound
        return self._remote(name, kind, told)

    def _own(self, name: str) -> Step:
        """A step of the function's own code, or of the life of its instance."""
        plain = name.partition("/")[0]
        if plain in LIFECYCLE:
            return Step(plain, "lifecycle")
        if name.startswith(_STARTS):
            return Step("Initialization", "lifecycle")
        return Step(self._names[name], "function")

    def _remote(self, name: str, kind: int, told: Attributes) -> Step:
        for find in (self._database, self._messaging, self._binding, self._http, self._invocation, self._rpc):
            found = find(name, kind, told)
            if found is not None:
                return found
        host = self._host(told) or first(known.PEER, told) or self._remote_service(told)
        if host is not None:
            return Step("call", "remote", self._names[host_of(host)], is_call=True)
        return Step(self._names[name], "function", is_call=True)

    def _remote_service(self, told: Attributes) -> str | None:
        service = first(known.REMOTE_SERVICE, told)
        return None if service in _UNKNOWN else service

    def _aws(self, name: str, told: Attributes, namespace: str | None) -> Step | None:
        """A call of an AWS API, by whichever attributes tell of it."""
        service, operation = first(known.RPC_SERVICE, told), first(known.RPC_METHOD, told)
        remote = first(known.REMOTE_SERVICE, told) or ""
        system = first(known.RPC_SYSTEM, told)
        is_aws = system in _AWS or (system is None and ("aws.service" in told or "aws.operation" in told))
        is_aws = is_aws or namespace == "aws"
        is_remote = remote.startswith("AWS::") and system is None and not first(known.METHOD, told)
        if not is_aws and not is_remote:
            return None
        if operation is not None and "/" in operation:
            before, _, operation = operation.rpartition("/")
            service = service or before.rpartition(".")[2]
        of_name, dot, of_operation = name.partition(".")
        if namespace == "aws":
            service = service or name
        elif dot and " " not in name:
            service, operation = service or of_name, operation or of_operation
        service = service or remote.removeprefix("AWS::") or name
        operation = operation or first(known.REMOTE_OPERATION, told)
        kind = self._services[service]
        if kind == "Lambda" and operation == INVOKE and first(known.STATUS, told) == str(ACCEPTED):
            operation = INVOKE_ASYNCHRONOUSLY
        return Step(self._operations[operation or service], kind, self._target(kind, told), is_call=True)

    def _target(self, service: str, told: Attributes) -> str | None:
        names = known.TARGETS.get(service)
        found = first(names or known.OTHER_TARGETS, told)
        if service == "DynamoDB" and found is not None and "dynamodb" in found[:16]:
            # A table's ARN, which is not what X-Ray calls it.
            found = found.partition(":table/")[2] or found
        if found is None and service == "S3":
            found = _bucket(first(known.URL, told) or first(known.HOST, told) or "")
        if found is None and names is not None:
            found = first(known.REMOTE_RESOURCE, told)
        return None if found is None else self._resources[found]

    def _database(self, name: str, _: int, told: Attributes) -> Step | None:
        system = first(known.DATABASE_SYSTEM, told)
        if system is None:
            return None
        if "dynamodb" in system:
            operation = first(known.DATABASE_OPERATION, told) or name.rpartition(".")[2]
            return Step(self._operations[operation], "DynamoDB", self._target("DynamoDB", told), is_call=True)
        kind = self._databases[system]
        statement = first(known.STATEMENT, told)
        verb = first(known.DATABASE_OPERATION, told) or _verb(statement, name, kind)
        if kind in _SQL and statement not in (None, _NO_VERB):
            # Instrumentations take the first word, which may be a WITH, or the first statement of several.
            verb = statement or verb
        database, host = first(known.DATABASE, told), first(known.HOST, told) or first(known.PEER, told)
        host = None if host is None else _without_port(host_of(host))
        target = f"{database}@{host}" if database and host else database or host
        return Step(
            self._names[verb.upper() if kind in _SQL and verb != _NO_VERB else verb],
            kind,
            None if target is None else self._names[target],
            is_call=True,
        )

    def _messaging(self, name: str, kind: int, told: Attributes) -> Step | None:
        system = first(known.MESSAGING_SYSTEM, told)
        if system is None:
            return None
        system = system.casefold()
        operation = (first(known.MESSAGING_OPERATION, told) or "").casefold()
        is_sending = operation in _SENDING or (kind == PRODUCER and operation not in _RECEIVING)
        if system in _SQS or system in _SNS:
            service = "SQS" if system in _SQS else "SNS"
            sent = "SendMessage" if service == "SQS" else "Publish"
            action = sent if is_sending else "ReceiveMessage" if operation in _RECEIVING else operation
            return Step(self._operations[action or name], service, self._target(service, told), is_call=True)
        destination = first(known.DESTINATION, told)
        return Step(
            "send" if is_sending else self._names[operation or name],
            self._names[_SYSTEMS.get(system, system)],
            None if destination is None else self._names[destination],
            is_call=True,
        )

    def _binding(self, _: str, __: int, told: Attributes) -> Step | None:
        """A call of what a Cloudflare Worker is bound to: a store, a queue, another Worker."""
        kind = first(known.BINDING_TYPE, told)
        if kind is None:
            return None
        verb = first(known.DATABASE_OPERATION, told) or first(known.RPC_METHOD, told) or "call"
        bound = first(known.BINDING, told)
        target = None if bound is None else self._names[bound]
        return Step(self._names[verb], self._names[f"Cloudflare {kind}"], target, is_call=True)

    def _http(self, name: str, _: int, told: Attributes) -> Step | None:
        method = first(known.METHOD, told)
        host = self._host(told)
        if method is None and (host is None or first(known.URL, told) is None):
            return None
        if host is None:
            host = first(known.PEER, told) or self._remote_service(told) or _host_in(name)
        usable = method is not None and len(method) <= 16 and method.isascii() and method.isalpha()
        return Step(
            method.upper() if usable and method is not None else "call",
            "remote",
            self._names["unknown" if host is None else host_of(host)],
            is_call=True,
        )

    def _host(self, told: Attributes) -> str | None:
        """The host that is called, with a port that is not the usual one."""
        url = first(known.URL, told)
        if url is not None and "://" in url:
            host, colon, port = host_of(url).rpartition(":")
            return host if colon and port in _USUAL_PORTS else host_of(url)
        named, port = first((*known.HOST, *known.PEER_ADDRESS), told), first(known.PORT, told) or ""
        if named is None:
            return None
        return (
            f"{named}:{port}"
            if port.isdigit() and port not in _USUAL_PORTS and not _has_port(named)
            else named
        )

    def _invocation(self, name: str, _: int, told: Attributes) -> Step | None:
        invoked = first(known.INVOKED, told)
        if invoked is None:
            return None
        provider = first(known.INVOKED_PROVIDER, told)
        kind = "Lambda" if provider in (None, "aws") else self._names[f"{provider} function"]
        return Step("Invoke", kind, self._names[invoked], is_call=True)

    def _rpc(self, name: str, _: int, told: Attributes) -> Step | None:
        method = first(known.RPC_METHOD, told)
        if method is None:
            return None
        host = self._host(told) or first(known.PEER, told) or first(known.RPC_SERVICE, told) or name
        return Step(
            self._names[method.rpartition("/")[2]], "remote", self._names[host_of(host)], is_call=True
        )


def is_receiving(told: Attributes) -> bool:
    """Whether the span asks for messages, and does not work on one."""
    operation = (first(known.MESSAGING_OPERATION, told) or "").casefold()
    return operation in _RECEIVING or "ReceiveMessage" in (first(known.RPC_METHOD, told) or "")


def _verb(of_statement: str | None, name: str, system: str) -> str:
    """What is done in a database, where no attribute says it: as its statement or its span begins."""
    if of_statement not in (None, _NO_VERB):
        return of_statement or _NO_VERB
    if system in _SQL:
        return verb_of(name)
    word = name.partition(" ")[0].partition(".")[0]
    return word if len(word) <= _LONGEST_VERB and word.isascii() and word.isalpha() else _NO_VERB


def _bucket(address: str) -> str | None:
    """The bucket of `https://<bucket>.s3.<region>.amazonaws.com`."""
    host = host_of(address)
    for mark in _BUCKET_HOSTS:
        bucket, found, rest = host.partition(mark)
        if found and bucket and "amazonaws.com" in rest:
            return bucket
    return None


def _host_in(name: str) -> str | None:
    """The host, where the span is named by its URL."""
    return name if "://" in name else None


def _without_port(host: str) -> str:
    return host.rpartition(":")[0] if _has_port(host) and host.count(":") == 1 else host


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdigit() or host.count(":") > 1
