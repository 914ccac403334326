"""Whose spans they are: the resource attributes of functions and of the services around them."""

from collections.abc import Mapping
from dataclasses import dataclass

from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION
from coldtrail_testbed.cloud.traces import Document
from coldtrail_testbed.facts import FunctionRun

_PLATFORMS = {
    "AWS::Lambda::Function": "aws_lambda",
    "AWS::Lambda": "aws_lambda",
    "AWS::ApiGateway::Stage": "aws_api_gateway",
    "AWS::StepFunctions::StateMachine": "aws_step_functions",
}


@dataclass(frozen=True)
class SpanResource:
    """A function or a service: its name, its kind (an X-Ray origin) and its attributes."""

    name: str
    origin: str
    attributes: Mapping[str, str | int]

    @property
    def is_function(self) -> bool:
        """Whether these are spans that a function's own instrumentation writes."""
        return self.origin == "AWS::Lambda::Function"


def resource_of(segment: Document, run: FunctionRun | None, region: str = REGION) -> SpanResource:
    """The resource of a segment, after OpenTelemetry's cloud and FaaS resource conventions.

    `faas.max_memory` is in bytes. API Gateway and Step Functions are no platforms of these conventions: their
    names are ours.
    """
    origin = segment.get("origin", "")
    attributes: dict[str, str | int] = {
        "service.name": segment["name"],
        "cloud.provider": "aws",
        "cloud.platform": _PLATFORMS.get(origin, "aws"),
        "cloud.region": region,
        "cloud.account.id": ACCOUNT,
    }
    arn = segment.get("resource_arn") or segment.get("aws", {}).get("function_arn")
    if arn:
        attributes["cloud.resource_id"] = arn
    if origin == "AWS::Lambda::Function":
        attributes["faas.name"] = segment["name"]
        if run:
            attributes["faas.version"] = run.version
            attributes["faas.instance"] = run.log_stream
            attributes["faas.max_memory"] = run.memory_mb * 1024 * 1024
    return SpanResource(segment["name"], origin, attributes)
