"""Services that answer slower than usual or throttle, for a while: what benign look-alikes are made of."""

from dataclasses import dataclass
from random import Random

from coldtrail_testbed.cloud.answers import error_answer
from coldtrail_testbed.cloud.http_server import HttpResponse
from coldtrail_testbed.cloud.identifiers import Identifiers
from coldtrail_testbed.cloud.operations import Operation

# Status, code and message of a throttled call (each API's common errors).
_THROTTLED = {
    "dynamodb": (
        400,
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API.",
    ),
    "s3": (503, "SlowDown", "Please reduce your request rate."),
    "rest-json": (429, "TooManyRequestsException", "Rate exceeded"),
    "query": (400, "Throttling", "Rate exceeded"),
    "json": (400, "ThrottlingException", "Rate exceeded"),
}


@dataclass(frozen=True)
class _Disturbance:
    amount: float
    until: float


class Disturbances:
    """What is out of order; one at a time for each service or API, times are UTC epoch seconds."""

    def __init__(self, generator: Random) -> None:
        self._generator = generator
        self._slow: dict[str, _Disturbance] = {}
        self._throttled: dict[str, _Disturbance] = {}

    def slow_down(self, partner: str, factor: float, until: float) -> None:
        """None; calls of a REST API or a service (its signing name) take `factor` times as long."""
        self._slow[partner] = _Disturbance(factor, until)

    def throttle(self, service: str, share: float, until: float) -> None:
        """None; so large a share of the calls of a service (its signing name) is throttled."""
        self._throttled[service] = _Disturbance(share, until)

    def slowness(self, partner: str, now: float) -> float:
        """How many times as long `partner` takes at `now`: 1 when nothing is wrong."""
        slow = self._slow.get(partner)
        return slow.amount if slow and now < slow.until else 1.0

    def throttles(self, service: str, now: float) -> bool:
        """Whether the call that is made `now` is throttled; nothing is drawn when nothing is wrong."""
        throttled = self._throttled.get(service)
        if throttled is None or now >= throttled.until:
            return False
        return self._generator.random() < throttled.amount


def throttled_answer(operation: Operation, identifiers: Identifiers) -> HttpResponse:
    """The error with which the service throttles `operation`, in its own form."""
    kind = operation.service if operation.service in _THROTTLED else operation.style
    status, code, message = _THROTTLED[kind]
    return error_answer(operation, status, code, message, identifiers)
