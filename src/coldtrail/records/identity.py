"""Who is judged: a function is known by its account, region, application and name."""

from __future__ import annotations

from typing import NamedTuple

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
