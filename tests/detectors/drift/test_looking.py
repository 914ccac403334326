"""What drift needs of judged flows."""

from __future__ import annotations

import msgspec

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.looking import ONE_IN, Looking
from coldtrail.detectors.drift.runs import Judged, tie_of
from coldtrail.detectors.drift.shelf import Shelf
from coldtrail.features.encode import encode
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history


def _judged(model: Model, flows: list[Flow]) -> Judged:
    encoded = encode(flows, model.vocabulary)
    return Judged(encoded, flows, model.judge_encoded(flows, encoded))


def test_what_is_rare_stays_whole_and_of_the_rest_a_part() -> None:
    model = learn(make_history(60), Settings()).model
    flows = [*make_history(40, prefix="n"), make_flow([], flow_id="empty")]
    flows[0] = msgspec.structs.replace(flows[0], error=True)
    runs, items = Looking(model.shifts or ShiftBaselines()).at(_judged(model, flows))
    shelf = Shelf()
    places = shelf.lay(items).tolist()
    whole = [shelf.look([place])[1] is not None for place in places]
    assert whole[0]
    assert whole[-1]
    assert whole[1:-1] == [tie_of(flow) % ONE_IN == 0 for flow in flows[1:-1]]
    assert runs.place.tolist() == [-1] * len(flows)
