"""From which kinds of witness functions were learned; `verbs/test_kinds_of_witness.py` shows what follows."""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.bundle.history import History
from coldtrail.bundle.kinds import ToldOtherwise, kinds_learned
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.features.witness_kinds import AUDIT_LOG, LIFECYCLE, PLAIN
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_key
from tests.features.test_witness_kinds import audited, told_by
from tests.verbs.telemetry_files import USUAL


def runs(flow: Flow, number: int) -> list[Flow]:
    """As many runs alike, a minute apart."""
    kind = "-".join(flow.witnesses)
    return [
        replace(flow, function_flow_id=f"{kind}{at}", start_time=flow.start_time + 60.0 * at)
        for at in range(number)
    ]


def learned(*flows: Flow, least: int = 50) -> set[str]:
    found = kinds_learned(History(Vocabulary()).add(flows), least)
    return set(found[make_key()])


def test_a_kind_counts_if_enough_or_most_flows_are_of_it() -> None:
    usual, plain, logged = make_flow(USUAL), told_by("otlp"), audited()
    assert learned(*runs(usual, 3)) == {LIFECYCLE}
    assert learned(*runs(plain, 60), *runs(logged, 49)) == {PLAIN}
    assert learned(*runs(plain, 60), *runs(logged, 55)) == {PLAIN, AUDIT_LOG}
    assert learned(*runs(logged, 20), *runs(usual, 5)) == {AUDIT_LOG}


def test_only_what_another_kind_tells_has_a_reason() -> None:
    told_otherwise = ToldOtherwise({make_key(): frozenset((LIFECYCLE,))})
    assert told_otherwise.reason(make_flow(USUAL)) == ""
    assert told_otherwise.reason(make_flow(USUAL, function="NeverMet")) == ""
    assert told_otherwise.reason(audited()) == (
        "told by the audit log alone, where the bundle learned from traces with the platform's own steps. "
        "Score telemetry of that kind, or train on what is scored."
    )
