"""What access logs of API Gateway call each variable: by default, and as the settings say.

Source: Amazon API Gateway developer guide, "Variables for access logging for API Gateway".
"""

from __future__ import annotations

from collections.abc import Mapping

from coldtrail.errors import ConfigError

DEFAULT: dict[str, tuple[str, ...]] = {
    "requestId": ("requestId", "request_id", "requestID"),
    "requestTimeEpoch": ("requestTimeEpoch", "request_time_epoch"),
    "requestTime": ("requestTime", "request_time", "time", "timestamp"),
    "ip": ("ip", "identity.sourceIp", "sourceIp", "source_ip", "sourceIP"),
    "userAgent": ("userAgent", "identity.userAgent", "user_agent"),
    "httpMethod": ("httpMethod", "http_method", "method"),
    "resourcePath": ("resourcePath", "resource_path", "routeKey", "route_key"),
    "status": ("status", "statusCode", "status_code"),
    "responseLength": ("responseLength", "response_length"),
    "responseLatency": ("responseLatency", "response_latency"),
    "integration.requestId": (
        "integration.requestId",
        "integrationRequestId",
        "integration_request_id",
        "awsEndpointRequestId",
        "functionRequestId",
    ),
    "xrayTraceId": ("xrayTraceId", "xray_trace_id", "traceId"),
    "apiId": ("apiId", "api_id"),
    "stage": ("stage",),
    "accountId": ("accountId", "account_id"),
    "domainName": ("domainName", "domain_name"),
    "authorizer.principalId": (
        "authorizer.principalId",
        "principalId",
        "identity.userArn",
        "userArn",
        "identity.user",
        "user",
        "identity.caller",
        "caller",
    ),
    "error.responseType": ("error.responseType", "errorResponseType", "error_response_type"),
}
"""By the variable of API Gateway, what logs call it; the first that is there counts."""


_OPEN = ("", "-")
"""Values that stand for none."""


class Keys:
    """Where the values of a line of JSON are found."""

    def __init__(self, own: Mapping[str, str]) -> None:
        """`own` are the keys of the settings, by variable; raises `ConfigError` for an unknown variable."""
        unknown = sorted(own.keys() - DEFAULT.keys())
        if unknown:
            known = ", ".join(DEFAULT)
            raise ConfigError(
                f"formats.access_log names the variable {unknown[0]!r}; those that are read are: {known}."
            )
        self._keys = DEFAULT | {variable: (key,) for variable, key in own.items()}
        self.marks = tuple(
            f'"{own[variable]}"'.encode() for variable in ("requestId", "status") if variable in own
        )
        """What stands in every line of a log whose keys the settings name."""

    def value(self, line: Mapping[str, object], variable: str) -> object:
        """The value of a variable, None where the line leaves it open."""
        for key in self._keys[variable]:
            if key in line:
                value = line[key]
                if value is not None and value not in _OPEN:
                    return value
        return None

    def text(self, line: Mapping[str, object], variable: str) -> str | None:
        """The same, where it is text."""
        value = self.value(line, variable)
        if isinstance(value, str):
            return value
        return str(value)[:64] if isinstance(value, int) and not isinstance(value, bool) else None

    def number(self, line: Mapping[str, object], variable: str) -> float | None:
        """The same, where it is a number, also one written as text."""
        return number_of(self.value(line, variable))


def number_of(value: object) -> float | None:
    """A number from 0 on, however it is written."""
    if isinstance(value, str) and len(value) <= 32:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        return None
    return float(value)
