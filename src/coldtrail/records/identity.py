"""Who is judged: a function is known by its account, region, application and name. Which trace is which."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

ApplicationKey = tuple[str, str, str]
"""Account, region and application."""


_XRAY_CHARS = 35
"""Of `1-5f84c7a1-0123456789abcdef01234567`, as X-Ray spells an id:
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids."""
_HEX_CHARS = 32
"""Of `5f84c7a10123456789abcdef01234567`, as OpenTelemetry spells the same id."""
_HEX = frozenset("0123456789abcdef")


class FunctionKey(NamedTuple):
    """One function; a part that the telemetry does not tell is empty.

    A key with an empty part equals no other: telemetry that names no account speaks of other functions than
    telemetry that does. Version and alias belong to a flow, not to its function.
    """

    account: str
    region: str
    application: str
    function: str

    @property
    def application_key(self) -> ApplicationKey:
        """The application that the function is part of, in its account and region."""
        return self[:3]


class OfFunction(Struct, frozen=True):
    """Something told of one function, which the parts of its key name."""

    account: str
    region: str
    application_name: str
    function_name: str

    @property
    def key(self) -> FunctionKey:
        """The function."""
        return FunctionKey(self.account, self.region, self.application_name, self.function_name)


def trace_key(trace_id: str) -> str:
    """The key of a trace, whichever spelling names it: 32 hexadecimal digits; any other id is its own key."""
    if len(trace_id) == _XRAY_CHARS and trace_id[1] == "-" == trace_id[10] and trace_id[0] == "1":
        key = (trace_id[2:10] + trace_id[11:]).lower()
    elif len(trace_id) == _HEX_CHARS:
        key = trace_id.lower()
    else:
        return trace_id
    return key if _HEX.issuperset(key) else trace_id


def spelling(one: str, other: str) -> str:
    """Of two spellings of one trace's id the one to show: X-Ray's, which its consoles and commands take."""
    return min(one, other, key=lambda spelled: (len(spelled) != _XRAY_CHARS, spelled))
