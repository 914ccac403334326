"""One thing that telemetry tells of a function, a caller or an account, at its place in time."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report


class Run(Struct, frozen=True, gc=False):
    """A run of which other witnesses than traces tell, or that is anomalous; all others are seen as windows
    alone."""

    flow: Flow
    verdict: Verdict | None = None
    """None while learning."""


What = Window | ApiCall | Report | Access | Network | Change | Run


class Encounter(Struct, frozen=True, gc=False):
    """What is told, when, and of which functions."""

    at: float
    """When it is certain, UTC epoch seconds: the end of a window or a run, else the time of the record."""
    what: What
    actor: FunctionKey | None = None
    """The function that a window, report or run is of, or whose credentials made a call."""
    target: FunctionKey | None = None
    """The function that a call invokes, that the platform took on a role for, or that a change is of."""
