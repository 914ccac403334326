"""Which invocations had their flow."""

from __future__ import annotations

import pytest

from coldtrail.assembly.join.given import Given
from coldtrail.errors import BundleError
from tests.assembly.join.told import access, call, flow, invoke, report

TRACE = "1-656f1c80-0123456789abcdef01234567"
BARE = flow(request_id=None, application_flow_id="656f1c800123456789abcdef01234567")


def test_a_request_that_had_its_flow_is_known_by_whoever_names_it() -> None:
    given = Given()
    given.add(None)
    given.add("r0")
    assert all(given.names([one]) for one in (report(), invoke(), access()))
    assert given.names([report(1), report()])
    assert not given.names([report(1), call("e1", 1.0)])


def test_a_flow_that_knew_no_request_is_known_by_its_trace_and_function() -> None:
    given = Given()
    given.add_early(BARE)
    assert given.names([report(trace_id=TRACE)])
    assert not given.names([report(trace_id=TRACE, function_name="Pay"), access(trace_id=TRACE)])
    given = Given()
    given.add_early(flow(application_flow_id=TRACE))
    assert given.names([report()])
    assert not given.names([report(1, trace_id=TRACE)])


def test_it_is_put_away() -> None:
    given, again = Given(), Given()
    given.add_early(BARE)
    again.restore(given.state())
    assert again.names([report(trace_id=TRACE)])
    with pytest.raises(BundleError, match="damaged"):
        again.restore({})
