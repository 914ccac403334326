"""Spans that platforms write themselves, and that are no work of a function: gateways, queues.

X-Ray names what wrote a segment in its origin, and so do records converted from it. Others are known by the
address or the platform that their resource names.
"""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.formats.otel import attributes as known
from coldtrail.formats.otel.attributes import Attributes, first
from coldtrail.formats.otel.owners import address_of
from coldtrail.formats.services import kind_of
from coldtrail.records.telemetry import Role

FUNCTION = "AWS::Lambda::Function"
LAMBDA = "AWS::Lambda"
_API, _MACHINE = "AWS::ApiGateway::Stage", "AWS::StepFunctions::StateMachine"
_SOURCES = frozenset((_API, _MACHINE))
_BY_SERVICE = {"states": _MACHINE, "apigateway": _API, "execute-api": _API}
_BY_PLATFORM = {"aws_api_gateway": _API, "aws_step_functions": _MACHINE}
_LAMBDA_PLATFORMS = frozenset(("aws_lambda", "aws.lambda"))
_KNATIVE = frozenset(("activator", "queue-proxy", "activator-service", "kourier", "net-kourier-gateway"))
_OPENFAAS = frozenset(("openfaas-gateway", "gateway.openfaas", "faas-gateway"))


class Part(NamedTuple):
    """What wrote a span, and what it does on the way up from a function."""

    kind: str
    role: Role


def platform_part(told: Attributes, resource: Attributes, is_entry: bool) -> Part | None:
    """The part of a platform that wrote the span; None of a function's or a service's own."""
    origin = first(known.ORIGIN, told)
    if origin is not None:
        return Part(kind_of(origin), role_of(origin))
    service = first(known.SERVICE, resource) or ""
    if service in _KNATIVE:
        return Part("Knative", "hop")
    if service in _OPENFAAS:
        return Part("OpenFaaS", "hop")
    if not is_entry:
        return None
    address = address_of(first(("cloud.resource_id",), told, resource))
    platform = first(known.PLATFORM, resource) or ""
    kind = _BY_SERVICE.get(address.service) or _BY_PLATFORM.get(platform)
    if kind is not None:
        return Part(kind, role_of(kind))
    if platform in _LAMBDA_PLATFORMS and _is_service_of_lambda(told, resource):
        return Part(LAMBDA, "invocation")
    return None


def role_of(origin: str) -> Role:
    """What a segment of the origin does on the way up; a function's own does nothing there."""
    if origin == LAMBDA:
        return "invocation"
    return "source" if origin in _SOURCES else "service"


def _is_service_of_lambda(told: Attributes, resource: Attributes) -> bool:
    """Whether the service wrote the span, and not the function: that would say much more."""
    faas = (*known.FUNCTION, *known.INVOCATION, *known.VERSION, *known.INSTANCE, *known.COLD_START)
    return first(faas, told, resource) is None and first(known.REQUEST, told) is not None
