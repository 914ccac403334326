"""What holds of the numbers of any inspection."""

from __future__ import annotations

from coldtrail.verbs.inspecting import Inspection


def adds_up(found: Inspection) -> None:
    """Asserts that documents, refusals, flows, events, callers and witnesses add up."""
    formats = found.formats.values()
    assert sum(one.read + one.refused + one.repeated for one in formats) == found.documents
    assert sum(found.refused.values()) == sum(one.refused for one in formats)
    assert found.first_refused.keys() <= found.refused.keys()
    flows = found.flows
    assert sum(one.flows for one in found.functions) == sum(one.flows for one in found.coverage) == flows
    assert sum(one.events for one in found.functions) == found.events
    assert len(found.invocations) == flows
    for one in found.coverage:
        assert sum(one.callers.values()) == one.flows
        assert max(one.witnesses.values(), default=0) <= one.flows <= sum(one.witnesses.values())
        assert one.traced <= one.flows
        assert 0 <= one.score <= 100
    assert sum(one.traced for one in found.coverage) == sum(one.traced for one in found.invocations)
    assert bool(found.traces) == any(one.traced for one in found.invocations)
    audited = found.formats.get("cloudtrail")
    calls = sum(sum(actions.values()) for actions in found.beside.calls.values())
    assert calls == (0 if audited is None else audited.read)
    assert sum(sum(one.values()) for one in found.beside.changes.values()) <= calls
