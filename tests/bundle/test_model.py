"""What a trained model says of runs that were tampered with, and of runs that were not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, fields, replace

import msgspec
import pytest

from coldtrail.alerts.wording.findings import seen
from coldtrail.bundle.model import Model, channel_scores, new_detectors
from coldtrail.config import Settings
from coldtrail.detectors.channel import Channel
from coldtrail.errors import ConfigError
from coldtrail.features.encode import encode
from coldtrail.learning.train import learn
from coldtrail.records.verdict import Verdict
from coldtrail.testing import START, Call, make_flow, make_history
from coldtrail.verdicts.calibration import Calibration
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL

SLOW_PUT: Call = ("PutItem", "DynamoDB", "Orders", 4.51)
ERASE: Call = ("DeleteItem", "DynamoDB", "Orders", 0.01)


def judged(model: Model, calls: Sequence[Call], **fields: object) -> Verdict:
    return model.judge([make_flow(calls, flow_id="x", **fields)])[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("calls", "kind", "event_id", "detector"),
    [
        ([PUT, GET, PUBLISH], "order", "x-0", "sequence"),
        ([GET, PUBLISH], "omission", "x-1", "sequence"),
        ([PUT, PUBLISH], "omission", "x-0", "sequence"),
        ([GET, PUT], "omission", "x-1", "sequence"),
        ([GET, *[PUT] * 20, PUBLISH], "count", "x-3", "sequence"),
        ([GET, SLOW_PUT, PUBLISH], "duration", "x-1", "timing"),
        ([GET, PUT, STEAL, PUBLISH], "new_resource", "x-2", "novelty"),
        ([GET, PUT, PUBLISH, STEAL], "new_resource", "x-3", "novelty"),
        ([GET, PUT, ERASE, PUBLISH], "new_action", "x-2", "novelty"),
    ],
    ids=[
        "swap",
        "omission",
        "omitted start",
        "omitted end",
        "repeat",
        "slow",
        "bucket",
        "bucket last",
        "deed",
    ],
)
def test_the_first_reason_names_the_injected_event(
    model: Model, calls: Sequence[Call], kind: str, event_id: str, detector: str
) -> None:
    verdict = judged(model, calls)
    assert verdict.verdict == "anomalous"
    assert (verdict.reasons[0].kind, verdict.reasons[0].event_id) == (kind, event_id)
    assert detector in verdict.detectors


def test_an_unknown_trigger_is_told_at_the_invocation(model: Model) -> None:
    verdict = judged(model, USUAL, trigger="AWS::SNS evil")
    assert verdict.verdict == "anomalous"
    first = verdict.reasons[0]
    assert (first.kind, first.event_id, first.event_name) == ("trigger", "x-i", "Invocation")
    assert seen(first.finding) == "AWS::SNS evil"


def test_a_new_step_that_is_no_call_is_a_new_event(model: Model) -> None:
    verdict = judged(model, [GET, PUT, ("backdoor", "function", None, 0.01), PUBLISH])
    assert verdict.verdict == "anomalous"
    assert (verdict.reasons[0].kind, verdict.reasons[0].event_id) == ("new_event", "x-2")


def test_usual_runs_alarm_rarely(model: Model) -> None:
    verdicts = model.judge(make_history(2_000, seed=9, prefix="t"))
    assert {verdict.verdict for verdict in verdicts} <= {"normal", "anomalous"}
    assert sum(verdict.verdict == "anomalous" for verdict in verdicts) < 40


def test_every_promise_of_a_verdict_is_kept(model: Model) -> None:
    strange = [[PUT, GET, PUBLISH], [GET, *[PUT] * 20, PUBLISH], [GET, SLOW_PUT, STEAL], [], [STEAL] * 50]
    flows = make_history(300, seed=4, prefix="t") + [make_flow(calls, flow_id="x") for calls in strange]
    verdicts = model.judge(flows)
    assert [verdict.function_flow_id for verdict in verdicts] == [flow.function_flow_id for flow in flows]
    for verdict, flow in zip(verdicts, flows, strict=True):
        assert verdict.start_time == flow.start_time
        assert math.isfinite(verdict.score)
        assert 0 < verdict.p_value <= 1
        assert verdict.threshold == model.calibration.threshold_
        anomalous = verdict.verdict == "anomalous"
        assert anomalous == (verdict.score > verdict.threshold)
        assert bool(verdict.reasons) == bool(verdict.detectors) == anomalous
        contributions = [reason.contribution for reason in verdict.reasons]
        assert contributions == sorted(contributions, reverse=True)
        assert all(math.isfinite(part) and part > 0 for part in contributions)
        ids = {event.event_id for event in flow.events}
        assert {reason.event_id for reason in verdict.reasons} <= ids


def test_a_function_with_little_history_is_not_ready_and_never_normal() -> None:
    history = make_history(200) + make_history(19, function="Quiet", prefix="q")
    model = learn(history, Settings()).model
    for function in ("Quiet", "NeverMet"):
        verdict = judged(model, [STEAL] * 9, function=function)
        assert (verdict.verdict, verdict.score, verdict.p_value) == ("not_ready", 0.0, 1.0)
        assert verdict.reasons == verdict.detectors == ()
    one_more = learn(history + make_history(1, function="Quiet", prefix="r"), Settings()).model
    assert judged(one_more, [STEAL] * 9, function="Quiet").verdict == "anomalous"


def test_a_function_of_the_same_name_in_another_application_is_not_ready(model: Model) -> None:
    assert judged(model, USUAL, application="other").verdict == "not_ready"


def test_flows_are_judged_alike_alone_and_together(model: Model) -> None:
    flows = [*make_history(50, seed=4, prefix="t"), make_flow([GET, STEAL], flow_id="x")]
    together = model.judge(flows)
    assert together == [model.judge([flow])[0] for flow in flows]
    assert model.judge(flows[::-1]) == together[::-1]


def test_a_run_without_any_event_is_judged(model: Model) -> None:
    bare = msgspec.structs.replace(make_flow([]), events=(), depths=(), self_times=())
    verdict = model.judge([bare])[0]
    assert verdict.verdict in ("anomalous", "normal")
    assert bool(verdict.reasons) == (verdict.verdict == "anomalous")


def test_no_part_of_a_model_is_set_anew(model: Model) -> None:
    for name in (field.name for field in fields(model)):
        with pytest.raises(FrozenInstanceError):
            setattr(model, name, None)


def test_no_flows_give_no_verdicts(model: Model) -> None:
    assert model.judge([]) == []


def test_a_close_look_at_a_normal_run_tells_what_was_least_usual(model: Model) -> None:
    flow = make_flow(USUAL)
    close = model.judge_closely(flow)
    assert close.reasons
    assert msgspec.structs.replace(close, reasons=()) == model.judge([flow])[0]


def test_a_close_look_at_a_strange_run_is_the_verdict(model: Model) -> None:
    flow = make_flow([GET, STEAL])
    assert model.judge_closely(flow) == model.judge([flow])[0]


def test_detectors_keep_the_given_order_and_unknown_ones_are_refused(model: Model) -> None:
    assert list(new_detectors(["timing", "sequence"])) == ["timing", "sequence"]
    with pytest.raises(ConfigError, match="no detector called 'magic'"):
        new_detectors(["magic"])


def test_the_scores_of_all_channels_stand_side_by_side(model: Model) -> None:
    encoded = encode(make_history(7), model.vocabulary)
    channels = sum(len(detector.channels) for detector in model.detectors.values())
    assert channel_scores(model.detectors, encoded).shape == (7, channels)


def test_a_new_bucket_alarms_by_itself_where_the_history_is_full_of_strange_runs() -> None:
    """Each neighbour once wrote somewhere new, together more often than budgeted: no excuse for this one."""
    flows = []
    for n in range(12):
        flows += make_history(170, seed=n, function=f"F{n}", prefix=f"f{n}-")
        if n > 0:
            once: Call = ("PutObject", "S3", f"bucket-{n}", 0.01)
            flows.append(make_flow([*USUAL, once], flow_id=f"once-{n}", function=f"F{n}", start=START + n))
    model = learn(flows, Settings()).model
    theft = make_flow([*USUAL, STEAL], flow_id="theft", function="F0")
    verdict = model.judge([theft])[0]
    assert (verdict.verdict, verdict.reasons[0].target) == ("anomalous", "loot")
    budgeted = [Channel(one.name, one.scale) for one in model.calibration.channels]
    calibration = Calibration(budgeted).restore(model.calibration.state())
    assert replace(model, calibration=calibration).judge([theft])[0].verdict == "normal"
