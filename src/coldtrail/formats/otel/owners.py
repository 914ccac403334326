"""Whose run a span begins: a function, by every name that it is given, else a service."""

from __future__ import annotations

import re
from typing import NamedTuple

from coldtrail.features.names.masking import clean
from coldtrail.formats.otel import attributes as known
from coldtrail.formats.otel.attributes import Attributes, first

_AZURE = re.compile(r"/sites/([^/]+)(?:/functions/([^/]+))?", re.IGNORECASE)
_NOBODY = ("unknown_service", "UnknownService")
"""How SDKs begin the name of a service that nobody named."""
_MOST_DIGITS = 18
_LAMBDA_PLATFORMS = frozenset(("aws_lambda", "aws.lambda"))


class Owner(NamedTuple):
    """A function or a service."""

    name: str
    """Empty where nothing names it."""
    application: str | None = None
    account: str | None = None
    region: str | None = None
    version: str | None = None
    is_function: bool = False
    """Whether a platform of functions runs it."""
    is_lambda: bool = False


class Address(NamedTuple):
    """What an ARN says."""

    service: str = ""
    region: str | None = None
    account: str | None = None
    resource: tuple[str, ...] = ()


def address_of(arn: str | None) -> Address:
    """The parts of an ARN; empty for anything else."""
    parts = (arn or "").split(":")
    if len(parts) < 6 or parts[0] != "arn":
        return Address()
    return Address(parts[2], parts[3] or None, parts[4] or None, tuple(parts[5:]))


class Owners:
    """Owners by what spans and their resources tell."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars

    def of(self, told: Attributes, resource: Attributes) -> Owner:
        """Whose span it is, as itself or its resource says."""
        address = self._function_address(told, resource)
        arn = address_of(address)
        name = first(known.FUNCTION, told, resource) or self._named_by(arn, address)
        is_lambda = arn.service == "lambda" or first(known.PLATFORM, told, resource) in _LAMBDA_PLATFORMS
        is_function = name is not None or is_lambda
        if name is None:
            name = self._service(told, resource)
        return Owner(
            self._clean(name) or "",
            None if is_function else self._clean(first(known.NAMESPACE, told, resource)),
            self._clean(arn.account or first(known.ACCOUNT, told, resource)),
            self._clean(arn.region or first(known.REGION, resource)),
            self._version(arn, told, resource, is_function, is_lambda),
            is_function,
            is_lambda,
        )

    def _function_address(self, told: Attributes, resource: Attributes) -> str | None:
        """The address of the function, and of nothing else, which the resource of a service may tell."""
        for attributes in (told, resource):
            for name in known.FUNCTION_ADDRESS:
                value = attributes.get(name)
                if value is not None and (not value.startswith("arn:") or ":lambda:" in value):
                    return value
        return None

    def _named_by(self, arn: Address, address: str | None) -> str | None:
        if arn.service == "lambda" and len(arn.resource) >= 2 and arn.resource[0] == "function":
            return arn.resource[1]
        azure = _AZURE.search(address or "")
        return None if azure is None else "/".join(part for part in azure.groups() if part)

    def _service(self, told: Attributes, resource: Attributes) -> str | None:
        for attributes in (resource, told):
            name = first(known.KNATIVE, attributes) or first(known.SERVICE, attributes)
            if name is not None and not name.startswith(_NOBODY):
                return name
        return None

    def _version(
        self, arn: Address, told: Attributes, resource: Attributes, is_function: bool, is_lambda: bool
    ) -> str | None:
        """The deployed version. Of Lambda a number: behind an alias and `$LATEST` any may run."""
        version = first(known.VERSION, told, resource)
        if version is None and not is_function:
            version = first(known.SERVICE_VERSION, told, resource)
        if not is_lambda:
            return self._clean(version)
        invoked = address_of(told.get("aws.lambda.invoked_arn")).resource
        for one in (version, *arn.resource[2:], *invoked[2:]):
            if one and one.isascii() and one.isdigit() and len(one) <= _MOST_DIGITS:
                return one
        return None

    def _clean(self, text: str | None) -> str | None:
        return clean(text, self._max_chars) if text else None
