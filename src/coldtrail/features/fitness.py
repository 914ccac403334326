"""Which flows can be learned from, and which compared with what was learned."""

from __future__ import annotations

from coldtrail.records.columns import AnyFlow, LeanFlow

BESIDE = frozenset(("access-log", "cloudtrail", "lambda-insights", "lambda-report"))
"""Formats that tell of invocations beside their traces."""


def is_traced(flow: AnyFlow) -> bool:
    """Whether a trace tells of the run."""
    return not flow.witnesses or not BESIDE.issuperset(flow.witnesses)


def is_outside(flow: AnyFlow) -> bool:
    """Whether it is no invocation, but a call that the function's code made outside any."""
    return flow.facts is not None and flow.facts.outside


def is_fit(flow: AnyFlow) -> bool:
    """Whether a flow can be learned from: it is complete, or the audit log alone tells what is done, or it is
    a call outside any invocation, which may come again.

    Of a function that is traced, flows that no trace tells of are another thing: they would teach that its
    runs do less, in another order, and in no time.
    """
    if flow.complete or is_outside(flow):
        return True
    facts = flow.facts
    if facts is None or facts.untraced or not BESIDE.issuperset(flow.witnesses):
        return False
    return bool(flow.columns.starts if isinstance(flow, LeanFlow) else flow.events)


def is_comparable(flow: AnyFlow) -> bool:
    """Whether a flow can be judged by what was learned of its function."""
    return flow.facts is None or not flow.facts.untraced
