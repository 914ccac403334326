"""How well a function is covered, from 0 to 100.

Five parts, each a share from 0 to 1, are weighed: what is traced, since untraced runs are not judged; calls
that traces tell of, since what is done unseen is missed; callers, reports, and records that are whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from coldtrail.verbs.coverage.seen import Seen
from coldtrail.verbs.coverage.told import Told

WEIGHTS = {"traced": 30, "calls": 25, "callers": 15, "reports": 15, "whole": 15}
"""They add up to 100."""
_OF_AWS = frozenset(("xray", "aws-spans", "cloudtrail", "lambda-report", "lambda-insights"))
"""Formats that tell of functions of Lambda, for which there are reports; others may tell of any service."""
_ACCOUNT = re.compile(r"[0-9]{12}")


class Parts(Struct, frozen=True):
    """Shares from 0 to 1; None for what does not apply."""

    traced: float
    """Of the invocations, as far as anybody counts them all."""
    calls: float
    """Of the calls, those that traces tell of; 0 where no trace tells of any."""
    callers: float
    """Of the flows, those whose caller is known."""
    reports: float | None
    """Of the flows, those that the platform's reports tell of."""
    whole: float
    """Of the traced flows, those that are closed and known to lack nothing."""


def parts_of(seen: Seen, told: Told | None, account: str = "") -> Parts:
    """The parts of a function's coverage."""
    flows, traced = seen.flows, seen.traced
    calls = seen.calls + seen.unseen.total()
    is_of_aws = not _OF_AWS.isdisjoint(seen.formats) or _ACCOUNT.fullmatch(account) is not None
    return Parts(
        _share(traced, traced) if told is None else told.rate,
        _share(seen.calls, calls),
        _share(flows - seen.callers_lost, flows),
        _share(seen.reported, flows) if is_of_aws else None,
        _share(traced - seen.open, traced),
    )


def score_of(parts: Parts) -> int:
    """100 times the mean of the parts that apply, by their weights; 100 only where nothing is lacking."""
    known: Mapping[str, float] = {
        name: value for name in WEIGHTS if (value := getattr(parts, name)) is not None
    }
    total = sum([WEIGHTS[name] * value for name, value in known.items()])
    return int(100 * total / sum([WEIGHTS[name] for name in known]) + 1e-9)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
