"""What hides in what was learned is listed, and leaves with its like."""

from __future__ import annotations

import pytest

from coldtrail.config import DetectionSettings, Settings
from coldtrail.learning.holding import hold
from coldtrail.learning.remarks import Remarks
from coldtrail.learning.review import review
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow, make_history
from coldtrail.verdicts.feedback import Remark
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL

SETTINGS = Settings(detection=DetectionSettings(folds=4))
HIDDEN: dict[str, list[Call]] = {
    "new_action": [GET, PUT, STEAL, PUBLISH],
    "order": [PUT, GET, PUBLISH],
    "count": [GET, *[PUT] * 9, PUBLISH],
    "duration": [("GetItem", "DynamoDB", "Stock", 5.0), PUT, PUBLISH],
}


def hidden(kind: str) -> list[Flow]:
    return [make_flow(HIDDEN[kind], flow_id=f"x{i}", start=START + 300 * i) for i in range(5)]


@pytest.mark.parametrize("kind", HIDDEN)
def test_hidden_attacks_are_listed_and_leave_together(kind: str) -> None:
    flows = [*make_history(400), *hidden(kind)]
    poisoned = learn(flows, SETTINGS).model
    assert poisoned.history is not None
    found = review(poisoned.history, hold(poisoned.history, 0.0))
    entry = next(one for one in found if one.function_flow_id.startswith("x"))
    assert set(entry.flow_ids) >= {f"x{i}" for i in range(5)}
    assert (entry.of_runs, entry.application_flow_id) == (405, f"trace-{entry.function_flow_id}")
    remarks = Remarks([Remark(name, "malicious") for name in entry.flow_ids if name.startswith("x")])
    clean = learn(flows, SETTINGS, remarks=remarks).model
    assert remarks.forgotten >= 5
    assert clean.history is not None
    assert not any(name.startswith("x") for _, name in clean.history.names)
    again = make_flow(HIDDEN[kind], flow_id="again")
    assert clean.judge([again])[0].verdict == "anomalous"


def test_one_marked_run_takes_its_like_along() -> None:
    flows = [*make_history(400), *hidden("order")]
    remarks = Remarks([Remark("x2", "malicious")])
    assert learn(flows, SETTINGS, remarks=remarks).flows == 400
    assert remarks.forgotten == 5


def test_functions_with_few_runs_are_not_reviewed() -> None:
    model = learn([*make_history(30), *hidden("order")], SETTINGS).model
    assert model.history is not None
    assert review(model.history, hold(model.history, 0.0)) == []
