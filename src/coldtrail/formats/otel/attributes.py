"""The attributes of spans and resources that may enter, by what they mean, in the order to try them.

Semantic conventions changed their names, and instrumentations keep to old ones or have their own. Sources:
OpenTelemetry semantic conventions 1.44 and what they deprecated; opentelemetry-python-contrib 0.66,
aws-otel-python-instrumentation 0.21, @opentelemetry/instrumentation-aws-lambda 0.75 and -aws-sdk 0.78,
opentelemetry-java-instrumentation, -dotnet-contrib, otelaws of -go-contrib, -ruby-contrib; Cloudflare,
"Workers traces: spans and attributes". All other attributes stay in the decoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from coldtrail.features.names.credentials import without_secrets
from coldtrail.formats.ids import is_id
from coldtrail.formats.services import operation_of, without_user
from coldtrail.formats.statements import verb_of
from coldtrail.records.telemetry import SEVERAL

Names = tuple[str, ...]

# Whose span it is.
FUNCTION: Final[Names] = ("faas.name", "cloudflare.script_name")
FUNCTION_ADDRESS: Final[Names] = ("cloud.resource_id", "faas.id", "aws.lambda.invoked_arn")
KNATIVE: Final[Names] = (
    "serving.knative.dev/service",
    "k8s.pod.label.serving.knative.dev/service",
    "k8s.pod.labels.serving.knative.dev/service",
    "knative.service",
)
SERVICE: Final[Names] = ("service.name", "aws.local.service")
NAMESPACE: Final[Names] = ("service.namespace",)
VERSION: Final[Names] = ("faas.version", "cloudflare.script_version.id")
SERVICE_VERSION: Final[Names] = ("service.version",)
ACCOUNT: Final[Names] = ("cloud.account.id",)
REGION: Final[Names] = ("cloud.region", "aws.region", "faas.invoked_region")
PROVIDER: Final[Names] = ("cloud.provider",)
PLATFORM: Final[Names] = ("cloud.platform",)
INSTANCE: Final[Names] = ("faas.instance",)

# How the run came to be.
INVOCATION: Final[Names] = ("faas.invocation_id", "faas.execution")
REQUEST: Final[Names] = ("aws.request_id", "aws.request.id", "aws.requestId")
COLD_START: Final[Names] = ("faas.coldstart",)
TRIGGER: Final[Names] = ("faas.trigger",)
TRIGGER_RESOURCE: Final[Names] = ("faas.document.collection",)
SAMPLED: Final[Names] = ("aws.trace.flag.sampled",)

# What is called.
RPC_SYSTEM: Final[Names] = ("rpc.system.name", "rpc.system")
RPC_SERVICE: Final[Names] = ("rpc.service", "aws.service", "aws.service.name")
RPC_METHOD: Final[Names] = ("rpc.method", "aws.operation")
REMOTE_SERVICE: Final[Names] = ("aws.remote.service",)
REMOTE_OPERATION: Final[Names] = ("aws.remote.operation",)
REMOTE_RESOURCE: Final[Names] = ("aws.remote.resource.identifier",)
PEER: Final[Names] = ("service.peer.name", "peer.service")
METHOD: Final[Names] = ("http.request.method", "http.method")
STATUS: Final[Names] = ("http.response.status_code", "http.status_code")
URL: Final[Names] = ("url.full", "http.url")
ROUTE: Final[Names] = ("http.route",)
HOST: Final[Names] = ("server.address", "net.peer.name", "http.host", "net.sock.peer.name")
OWN_HOST: Final[Names] = ("server.address", "net.host.name", "http.host")
PORT: Final[Names] = ("server.port", "net.peer.port")
PEER_ADDRESS: Final[Names] = ("network.peer.address", "net.peer.ip", "net.sock.peer.addr")
DATABASE_SYSTEM: Final[Names] = ("db.system.name", "db.system")
DATABASE_OPERATION: Final[Names] = ("db.operation.name", "db.operation")
DATABASE: Final[Names] = ("db.namespace", "db.name")
STATEMENT: Final[Names] = ("db.query.text", "db.statement", "db.query.summary")
MESSAGING_SYSTEM: Final[Names] = ("messaging.system",)
MESSAGING_OPERATION: Final[Names] = (
    "messaging.operation.type",
    "messaging.operation.name",
    "messaging.operation",
)
DESTINATION: Final[Names] = ("messaging.destination.name", "messaging.destination")
INVOKED: Final[Names] = ("faas.invoked_name", "aws.lambda.function.name", "aws.function_name")
INVOKED_PROVIDER: Final[Names] = ("faas.invoked_provider",)
BINDING: Final[Names] = ("cloudflare.binding.name",)
BINDING_TYPE: Final[Names] = ("cloudflare.binding.type",)
ERROR_TYPE: Final[Names] = ("error.type",)

# Of records that were X-Ray's.
ORIGIN: Final[Names] = ("aws.xray.origin",)
ORIGIN_ARN: Final[Names] = ("aws.resource_arn",)
IN_PROGRESS: Final[Names] = ("aws.xray.inprogress",)
FLAGS: Final[Names] = ("aws.xray.fault", "aws.xray.error", "aws.xray.throttle")

TARGETS: Final[Mapping[str, Names]] = {
    "DynamoDB": (
        "aws.dynamodb.table_names",
        "aws.table_names",
        "aws.table.name",
        "aws.table_name",
        "db.collection.name",
        "db.namespace",
        "db.name",
        "aws.dynamodb.table.arn",
    ),
    "S3": ("aws.s3.bucket", "aws.bucket.name", "aws.bucket_name"),
    "SQS": (
        "aws.sqs.queue.url",
        "aws.sqs.queue_url",
        "aws.queue_url",
        "aws.queue.url",
        "messaging.url",
        "url.full",
        "aws.sqs.queue.name",
        "aws.queue.name",
        "aws.queue_name",
        *DESTINATION,
    ),
    "SNS": ("aws.sns.topic.arn", "aws.topic_arn", "aws.topic.arn", *DESTINATION),
    "Kinesis": (
        "aws.kinesis.stream_name",
        "aws.kinesis.stream.name",
        "aws.stream.name",
        "aws.stream_name",
        "aws.kinesis.stream.arn",
        *DESTINATION,
    ),
    "Firehose": ("aws.firehose.delivery_stream_name", "aws.stream.name", "aws.stream_name"),
    "StepFunctions": (
        "aws.step_functions.state_machine.arn",
        "aws.stepfunctions.state_machine.arn",
        "aws.state_machine.arn",
        "aws.state_machine_arn",
        "aws.step_functions.activity.arn",
    ),
    "SecretsManager": (
        "aws.secretsmanager.secret.arn",
        "aws.secret.arn",
        "aws.secret_id",
    ),
    "Lambda": (
        *INVOKED,
        "aws.lambda.function.arn",
        "aws.lambda.resource_mapping.id",
    ),
    "KMS": ("aws.kms.key.id", "aws.key_id"),
    "EventBridge": ("aws.event_bus_name", "aws.eventbridge.event_bus.name", *DESTINATION),
    "BedrockRuntime": ("gen_ai.request.model", "aws.bedrock.agent.id", "aws.bedrock.guardrail.id"),
}
"""The resource of a call by its service, named as `formats/services.py` names it."""
OTHER_TARGETS: Final[Names] = tuple(
    dict.fromkeys([name for names in TARGETS.values() for name in names if name.startswith("aws.")])
)
"""For the services that have no names of their own above."""

# fmt: off
_TABLES: Final[tuple[Names, ...]] = (
    FUNCTION, FUNCTION_ADDRESS, KNATIVE, SERVICE, NAMESPACE, VERSION, SERVICE_VERSION, ACCOUNT, REGION,
    PROVIDER, PLATFORM, INSTANCE, INVOCATION, REQUEST, COLD_START, TRIGGER, TRIGGER_RESOURCE, SAMPLED,
    RPC_SYSTEM, RPC_SERVICE, RPC_METHOD, REMOTE_SERVICE, REMOTE_OPERATION, REMOTE_RESOURCE, PEER, METHOD,
    STATUS, URL, ROUTE, HOST, OWN_HOST, PORT, PEER_ADDRESS, DATABASE_SYSTEM, DATABASE_OPERATION, DATABASE,
    STATEMENT, MESSAGING_SYSTEM, MESSAGING_OPERATION, DESTINATION, INVOKED, INVOKED_PROVIDER, BINDING,
    BINDING_TYPE, ERROR_TYPE, ORIGIN, ORIGIN_ARN, IN_PROGRESS, FLAGS, *TARGETS.values(),
)
# fmt: on
LISTED: Final = frozenset(name for names in _TABLES for name in names)
"""All that may enter."""
ONE_SPAN_ALONE: Final = frozenset((*INVOCATION, *REQUEST))
"""Ids, which no two spans share: nothing is gained by remembering them."""
_URLS: Final = frozenset((*URL, "messaging.url", "aws.sqs.queue.url", "aws.queue_url", "aws.queue.url"))
_STATEMENTS: Final = frozenset(STATEMENT)
_OPERATIONS: Final = frozenset(DATABASE_OPERATION)
_WITH_PATH: Final = ("sqs.", "queue.", "localhost", "127.0.0.1")
"""How hosts begin of which the path is the name of a queue."""
MAX_VALUE_CHARS: Final = 2_048
MOST_VALUES: Final = 25

Value = str
Attributes = Mapping[str, Value]


def first(names: Names, *told: Attributes) -> str | None:
    """The first value that any of the names has, the names of one place before those of the next."""
    for attributes in told:
        for name in names:
            value = attributes.get(name)
            if value:
                return value
    return None


def fit(name: str, value: object) -> Value | None:
    """The value as text, without what may be secret in it; None for one that is of no use.

    An id enters as it is or not at all: one of which a part is hidden would be the id of something else.
    """
    if isinstance(value, str):
        if name in ONE_SPAN_ALONE:
            return value if is_id(value) else None
        if name in _STATEMENTS:
            return verb_of(value)
        if name in _OPERATIONS:
            return without_secrets(operation_of(value)) if value.strip() else None
        return without_secrets(without_path(value) if name in _URLS else value[:MAX_VALUE_CHARS])
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(2**63) <= value < 2**64 else None
    if isinstance(value, float):
        return str(int(value)) if abs(value) < 2**53 and value == int(value) else str(value)
    if isinstance(value, list | tuple):
        return _several(name, value)
    return None


def _several(name: str, values: Iterable[object]) -> Value | None:
    texts = [fit(name, one) for one in values if isinstance(one, str) and SEVERAL not in one]
    most = 1 if name in _STATEMENTS else MOST_VALUES
    return SEVERAL.join([text for text in texts if text][:most]) or None


def without_path(url: str) -> Value:
    """A URL without credentials, query and, where that is not the name of a queue, path."""
    scheme, found, rest = url[:MAX_VALUE_CHARS].partition("://")
    if not found:
        return url[:MAX_VALUE_CHARS].partition("?")[0]
    rest = without_user(rest).partition("?")[0].partition("#")[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{slash}{path}" if host.startswith(_WITH_PATH) else f"{scheme}://{host}"
