"""What access logs of API Gateway call each variable: by default, and as the settings say.

Source: Amazon API Gateway developer guide, "Variables for access logging for API Gateway".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

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


_OPEN = ("", "-", None)
"""Values that stand for none."""
_MOST_LAYOUTS = 1_000
_MOST_KEYS = 100
_MOST_CHARS = 4_096
"""Of the keys of a line whose layout is remembered."""
_MOST_NUMBERS = 50_000
_LONGEST_NUMBER = 32
_LONGEST_REMEMBERED = 8
"""Longer ones are points in time, and seldom said twice."""


class Line(NamedTuple):
    """The values of a line, by the variables of `DEFAULT` in their order."""

    request_id: object
    millis: object
    time: object
    address: object
    agent: object
    method: object
    path: object
    status: object
    length: object
    latency: object
    function_request_id: object
    trace_id: object
    api: object
    stage: object
    account: object
    domain: object
    principal: object
    error: object


class _Layout(NamedTuple):
    """Where the values of lines with the same keys are found."""

    keys: Sequence[str | None]
    """Of each variable the first that is there; None stands for none, as it is no key of JSON."""
    others: Sequence[tuple[int, str]]
    """The place of a variable, and a further key of it."""


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
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        """By the keys of a line."""
        self.marks = tuple(
            f'"{own[variable]}"'.encode() for variable in ("requestId", "status") if variable in own
        )
        """What stands in every line of a log whose keys the settings name."""

    def values(self, line: Mapping[str, object]) -> Line:
        """The value of each variable; of several keys, of the first that the line does not leave open."""
        names = tuple(line)
        layout = self._layouts.get(names) or self._learn(names)
        found = list(map(line.get, layout.keys))  # type: ignore[arg-type]
        for place, key in layout.others:
            if found[place] in _OPEN:
                found[place] = line[key]
        return Line._make(found)

    def _learn(self, names: tuple[str, ...]) -> _Layout:
        """The layout of lines with keys that are met for the first time."""
        present = [[key for key in keys if key in names] for keys in self._keys.values()]
        layout = _Layout(
            [keys[0] if keys else None for keys in present],
            [(place, key) for place, keys in enumerate(present) for key in keys[1:]],
        )
        if len(names) <= _MOST_KEYS and sum(map(len, names)) <= _MOST_CHARS:
            if len(self._layouts) >= _MOST_LAYOUTS:
                self._layouts.clear()
            self._layouts[names] = layout
        return layout


def text_of(value: object) -> str | None:
    """The value where it is text, None where it stands for none."""
    if isinstance(value, str):
        return None if value in _OPEN else value
    return str(value)[:64] if isinstance(value, int) and not isinstance(value, bool) else None


class _Numbers(dict[str, float | None]):
    """Numbers as they are written, each read once: most are said very often."""

    def __missing__(self, text: str) -> float | None:
        if len(text) > _LONGEST_NUMBER:
            return None
        try:
            found = _from_0(float(text))
        except ValueError:
            found = None
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_NUMBERS:
                self.clear()
            self[text] = found
        return found


_numbers = _Numbers()


def number_of(value: object) -> float | None:
    """A number from 0 on, however it is written."""
    if isinstance(value, str):
        return _numbers[value]
    return _from_0(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _from_0(number: float) -> float | None:
    return float(number) if 0 <= number < 1e15 else None
