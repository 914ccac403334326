"""By which kind of witness runs are told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from coldtrail.bundle.history import History
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.features.witness_kinds import AUDIT_LOG, KINDS, LIFECYCLE, PLAIN, SESSIONS, kinds_of, of_kind
from coldtrail.records.columns import LeanFlow
from coldtrail.records.facts import Facts
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow
from tests.features.test_lean import lean
from tests.verbs.telemetry_files import USUAL


def told_by(*witnesses: str) -> Flow:
    """A cold run without the platform's own steps but that of its start."""
    flow = make_flow(USUAL, cold=True)
    kept = [i for i, one in enumerate(flow.events) if one.event_name not in ("Invocation", "Overhead")]
    return msgspec.structs.replace(
        flow,
        events=tuple(
            msgspec.structs.replace(flow.events[i], event_parent_id=None, event_parent_name=None)
            for i in kept
        ),
        depths=(1,) * len(kept),
        self_times=tuple(flow.self_times[i] for i in kept),
        witnesses=witnesses,
    )


def audited() -> Flow:
    return msgspec.structs.replace(
        told_by("cloudtrail"), complete=False, facts=Facts(), function_flow_id="a", application_flow_id="a"
    )


@pytest.mark.parametrize(
    ("flow", "kinds"),
    [
        (make_flow(USUAL), {LIFECYCLE}),
        (msgspec.structs.replace(make_flow(USUAL), witnesses=("aws-spans", "cloudtrail")), {LIFECYCLE}),
        (told_by("aws-spans"), {PLAIN}),
        (told_by("otlp", "cloudtrail"), {PLAIN}),
        (told_by("xray"), {LIFECYCLE, PLAIN}),
        (told_by("otlp", "xray"), {LIFECYCLE, PLAIN}),
        (told_by(), {LIFECYCLE, PLAIN}),
        (audited(), {AUDIT_LOG}),
        (msgspec.structs.replace(audited(), witnesses=("access-log", "cloudtrail")), {AUDIT_LOG}),
        (msgspec.structs.replace(audited(), function_flow_id="Order:e1"), {SESSIONS}),
        (msgspec.structs.replace(audited(), witnesses=("lambda-report",), events=()), set()),
    ],
)
def test_a_run_is_of_the_kinds_with_which_it_can_be_compared(flow: Flow, kinds: Sequence[str]) -> None:
    assert kinds_of(flow) == kinds


def test_a_lean_flow_is_of_the_same_kind() -> None:
    flows = [make_flow(USUAL), told_by("otlp"), told_by("xray"), audited()]
    assert [kinds_of(lean(flow)) for flow in flows] == [kinds_of(flow) for flow in flows]
    assert isinstance(lean(flows[0]), LeanFlow)


def test_learned_flows_tell_their_kind() -> None:
    plain = msgspec.structs.replace(told_by("otlp"), function_flow_id="p")
    session = msgspec.structs.replace(audited(), function_flow_id="Order:e1")
    history = History(Vocabulary()).add([make_flow(USUAL), plain, audited(), session])
    parts = of_kind(history.flows, history.vocabulary, [name for _, name in history.names.tolist()])
    assert {kind: int(part.sum()) for kind, part in parts.items()} == dict.fromkeys(KINDS, 1)
