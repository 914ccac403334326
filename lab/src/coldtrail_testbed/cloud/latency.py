"""How long things take: sampled, calibrated on real traces, never measured on the machine that runs.

Medians and ranges of DynamoDB, S3 (get and put), SNS, SQS and Step Functions come from recorded X-Ray
traces of real applications (docs/testbed.md). No public measurement of the other services was at hand: theirs
are ours, in the order of what is usual, and marked so.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Spread:
    """A log-normal duration: median and the standard deviation of its logarithm."""

    median_ms: float
    sigma: float


_DEFAULT_CALL = Spread(15, 0.4)
# What the call itself takes, without the function that it waits for: 5 to 15 ms in the recorded traces.
_INVOKE = Spread(8, 0.35)
_CALLS = {
    "dynamodb:GetItem": Spread(8, 0.35),
    "dynamodb:Query": Spread(9, 0.35),
    "dynamodb:PutItem": Spread(12, 0.4),
    "dynamodb:UpdateItem": Spread(13, 0.4),
    "dynamodb": Spread(12, 0.4),
    "lambda:Invoke": _INVOKE,
    "sns": Spread(25, 0.12),
    "sqs": Spread(28, 0.1),
    "s3:GetObject": Spread(38, 0.5),
    "s3:PutObject": Spread(80, 0.55),
    "states": Spread(32, 0.3),
    # Not recorded anywhere; ours.
    "s3:HeadObject": Spread(16, 0.4),
    "s3:ListObjectsV2": Spread(28, 0.4),
    "s3:PutObjectTagging": Spread(30, 0.4),
    "s3:CopyObject": Spread(95, 0.5),
    "s3": Spread(40, 0.5),
    "ssm": Spread(14, 0.3),
    "secretsmanager": Spread(18, 0.35),
    "events": Spread(16, 0.35),
    "ses": Spread(85, 0.4),
    "iam": Spread(60, 0.4),
    "sts": Spread(22, 0.4),
    "mediaconvert:CreateJob": Spread(260, 0.35),
    "mediaconvert": Spread(90, 0.4),
    "mediapackage-vod": Spread(310, 0.35),
}
# S3: 1.04 and 1.10 s in the recorded traces; EventBridge: about half a second, as its FAQ says.
_DELIVERIES_S = {
    "sns": (0.006, 0.02),
    "s3": (0.95, 1.25),
    "events": (0.25, 0.6),
    "lambda": (0.001, 0.004),
    "sqs": (0.02, 0.08),
}
_SLOW_CALL_SHARE = 0.004


class LatencyModel:
    """Sampled durations, all in seconds."""

    def __init__(self, generator: Random) -> None:
        self._generator = generator

    def aws_call(self, service: str, operation: str, *, first_in_instance: bool) -> float:
        """Seconds that a call to an AWS service takes; the first one of an instance also connects."""
        spread = _CALLS.get(f"{service}:{operation}") or _CALLS.get(service) or _DEFAULT_CALL
        seconds = self._draw(spread)
        if self._generator.random() < _SLOW_CALL_SHARE:
            seconds *= self._generator.uniform(2, 6)
        if first_in_instance:
            seconds += self._generator.uniform(0.04, 0.16)
        return seconds

    def initialization(self) -> float:
        """Seconds of a cold start's Initialization: 230 to 550 ms, one in twelve 1 to 3 s."""
        if self._generator.random() < 1 / 12:
            return self._generator.uniform(1.0, 3.0)
        return self._generator.uniform(0.23, 0.55)

    def placement(self) -> float:
        """Seconds from the service's start to a cold instance's Initialization."""
        return self._generator.uniform(0.15, 0.4)

    def after_initialization(self) -> float:
        """Seconds from the end of Initialization to the function's start."""
        return self._generator.uniform(0.002, 0.012)

    def warm_start(self) -> float:
        """Seconds from the service's start to a warm function's start: 4 to 14 ms."""
        return self._generator.uniform(0.004, 0.014)

    def runtime_overhead(self) -> float:
        """Seconds of Overhead: 0.2 to 1.3 ms."""
        return min(self._draw(Spread(0.5, 0.4)), 0.0013)

    def service_tail(self) -> float:
        """Seconds from a function's end to the end of the service's own segment."""
        return self._generator.uniform(0.0005, 0.003)

    def runtime_turn(self) -> float:
        """Seconds between two steps inside the Lambda sandbox: tens of microseconds."""
        return self._generator.uniform(0.00003, 0.00007)

    def handler_end(self) -> float:
        """Seconds that a handler computes after its last call."""
        return self._draw(Spread(0.3, 0.5))

    def gateway_step(self) -> float:
        """Seconds that API Gateway needs before and after its integration."""
        return self._generator.uniform(0.001, 0.004)

    def internet(self) -> float:
        """Seconds on the way between a function and a public HTTP endpoint."""
        return self._draw(Spread(9, 0.3))

    def state_transition(self) -> float:
        """Seconds that a state machine needs from one state to the next."""
        return self._draw(Spread(14, 0.5))

    def dwell(self) -> float:
        """Seconds that an asynchronous event waits for its function."""
        return self._draw(Spread(32, 0.4))

    def delivery(self, trigger: str) -> float:
        """Seconds from a change or a message to the arrival of its event at the Lambda service."""
        return self._generator.uniform(*_DELIVERIES_S.get(trigger, _DELIVERIES_S["sns"]))

    def _draw(self, spread: Spread) -> float:
        return spread.median_ms / 1000 * self._generator.lognormvariate(0, spread.sigma)
