"""Flows by function, counted as they pass."""

from __future__ import annotations

from coldtrail.testing import make_flow
from coldtrail.verbs.coverage.census import Census, sampling
from tests.verbs.telemetry_files import GET


def test_what_the_audit_log_alone_tells_is_no_trace_and_was_never_open() -> None:
    census = Census()
    census.add(make_flow([GET], flow_id="a", complete=False, witnesses=("cloudtrail",)))
    assert (census.flows, len(census.traces), census.incomplete) == (1, 0, 0)
    assert sampling(census).startswith("No trace of a function is here")
    census.add(make_flow([GET], flow_id="b", complete=False, witnesses=("cloudtrail", "xray")))
    assert (census.flows, len(census.traces), census.incomplete) == (2, 1, 1)
    first, second = census.listed
    assert (first.traced, first.witnesses) == (False, ("cloudtrail",))
    assert second.traced
