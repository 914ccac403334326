"""The review list that training shows, applied as a person would: what is an attack is struck out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import settings_for
from coldtrail.bundle.history import History
from coldtrail.bundle.model import Model
from coldtrail.learning.holding import hold
from coldtrail.learning.remarks import Remarks
from coldtrail.learning.review import ReviewEntry, review
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.verdicts.feedback import Named, Remark


@dataclass(frozen=True)
class Reviewed:
    """What reviewing changed."""

    model: Model
    listed: Rate
    """Hidden flows that entries name that were struck out."""
    entries: int


def reviewed(flows: Sequence[Flow], hidden: set[str], history: History | None) -> Reviewed | None:
    """What is learned when a person, who looks at the example of each entry of the list of a history that the
    flows taught, strikes out those whose example is an attack; None without a history."""
    if history is None:
        return None
    found = review(history, hold(history, 0.0))
    struck = [one for one in found if one.function_flow_id in hidden]
    named = {flow_id for one in struck for flow_id in one.flow_ids}
    remarks = Remarks([_struck_out(one) for one in struck])
    model = learn(flows, settings_for(hold_rare=0.0), remarks=remarks).model
    return Reviewed(model, Rate(len(named & hidden), len(hidden)), len(found))


def _struck_out(one: ReviewEntry) -> Remark:
    """The remark that what an entry lists is malicious."""
    cause = one.cause
    return Remark(
        one.function_flow_id, "malicious", Named(cause.kind, cause.action or None, cause.target or None)
    )
