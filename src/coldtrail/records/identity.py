"""Who is judged: a function is known by its account, region, application and name."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

ApplicationKey = tuple[str, str, str]
"""Account, region and application."""


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
