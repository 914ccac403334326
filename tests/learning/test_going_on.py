"""An update that learns only what is new comes close to one that fits everything again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from coldtrail.bundle.folder import load, save
from coldtrail.bundle.model import Model
from coldtrail.config import DetectionSettings, Settings
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning import going_on, teaching, train
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_history
from coldtrail.verdicts.feedback import Remark
from tests.verbs.telemetry_files import GET, STEAL

FUNCTIONS, RUNS = 5, 200
LATER = 20.0 * RUNS


def history_of(runs: int, seed: int, prefix: str) -> list[Flow]:
    return [
        flow
        for number in range(FUNCTIONS)
        for flow in make_history(runs, seed + number, function=f"F{number}", prefix=f"{prefix}{number}-")
    ]


def moved(flows: list[Flow], seconds: float) -> list[Flow]:
    return [
        structs.replace(
            flow,
            start_time=flow.start_time + seconds,
            end_time=flow.end_time + seconds,
            events=tuple(
                structs.replace(one, start_time=one.start_time + seconds, end_time=one.end_time + seconds)
                for one in flow.events
            ),
        )
        for flow in flows
    ]


OLD = history_of(RUNS, 0, "o")
NEW = moved(history_of(15, 50, "n"), LATER)
PROBES = [
    *moved(history_of(40, 90, "p"), 2 * LATER),
    *(
        make_flow([GET, STEAL], flow_id=f"x{i}", function=f"F{i}", start=START + 9e4)
        for i in range(FUNCTIONS)
    ),
]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model as a bundle holds it, whose history counts as long."""
    monkeypatch.setattr(teaching, "LONG", 500)
    save(learn(OLD, Settings()).model, tmp_path / "b", version="0", seed=0, span=(0.0, 1.0))
    return load(tmp_path / "b", with_history=True)[0]


def fitted_again(model: Model, flows: list[Flow], monkeypatch: pytest.MonkeyPatch) -> Update:
    with monkeypatch.context() as patch:
        patch.setattr(train, "can_go_on", lambda *_: False)
        return learn_more(model, flows)


def test_what_is_learned_lightly_judges_as_what_is_fitted_again(
    kept: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    light, whole = learn_more(kept, NEW), fitted_again(kept, NEW, monkeypatch)
    assert light.counts == whole.counts
    assert (light.model.since_fitted, whole.model.since_fitted) == (light.counts.learned, 0)
    verdicts = [one.model.judge(PROBES) for one in (light, whole)]
    assert [one.verdict for one in verdicts[0]] == [one.verdict for one in verdicts[1]]
    assert [one.verdict for one in verdicts[0][-FUNCTIONS:]] == ["anomalous"] * FUNCTIONS
    scores = np.array([[one.score for one in some] for some in verdicts])
    assert np.abs(scores[0] - scores[1]).max() < 0.25, "bans"
    thresholds = [one.model.calibration.threshold_ for one in (light, whole)]
    assert thresholds[0] == pytest.approx(thresholds[1], abs=0.15)
    assert light.model.learned == whole.model.learned
    assert [one.key for one in light.model.profiles] == [one.key for one in whole.model.profiles]


def test_detectors_are_those_of_all_flows(kept: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    light, whole = learn_more(kept, NEW), fitted_again(kept, NEW, monkeypatch)
    for name, detector in light.model.detectors.items():
        expected = whole.model.detectors[name].state()
        for array, values in detector.state().items():
            np.testing.assert_array_equal(values, expected[array], f"{name} {array}")


def test_a_function_that_grew_by_a_tenth_is_looked_at_again_and_others_are_not(kept: Model) -> None:
    busy = moved(make_history(40, 70, function="F1", prefix="b"), LATER)
    model = learn_more(kept, [*busy, *NEW[:5]]).model
    assert kept.shifts is not None
    assert model.shifts is not None
    numbers = kept.vocabulary.functions.numbers
    changed = {
        key.function
        for key, number in numbers.items()
        if model.shifts.functions[number].runs != kept.shifts.functions[number].runs
    }
    assert changed == {"F1"}
    before, after = ({one.function_name: one for one in some.profiles} for some in (kept, model))
    assert {name for name in after if after[name] != before[name]} == {"F1"}


def test_a_function_never_met_is_known_after_it(kept: Model) -> None:
    fresh = moved(make_history(60, 70, function="Fresh", prefix="f"), LATER)
    model = learn_more(kept, [*fresh, NEW[0]]).model
    assert model.since_fitted > 0
    assert {one.function_name for one in model.profiles} == {"Fresh", *(f"F{i}" for i in range(FUNCTIONS))}
    odd = make_flow([GET, STEAL], flow_id="odd", function="Fresh", start=START + 9e4)
    assert model.judge([odd])[0].verdict == "anomalous"


def test_once_a_tenth_is_new_all_is_fitted_again(kept: Model) -> None:
    first = learn_more(kept, NEW).model
    assert first.since_fitted == len(NEW)
    again = learn_more(first, moved(history_of(15, 60, "m"), 2 * LATER)).model
    assert again.since_fitted == 0


@pytest.mark.parametrize("why", ["short", "remark", "held back", "other words"])
def test_all_is_fitted_again_where_going_on_would_be_wrong(
    kept: Model, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    remarks = []
    model = kept
    if why == "short":
        monkeypatch.setattr(teaching, "LONG", 10_000)
    elif why == "remark":
        remarks = [Remark(OLD[0].function_flow_id, "malicious")]
    elif why == "held back":
        model = replace(kept, settings=Settings(detection=DetectionSettings(hold_rare=0.01)))
    else:
        raw = kept.vocabulary.to_json()
        model = replace(kept, vocabulary=Vocabulary.from_json(raw | {"steps": raw["steps"][::-1]}))
        assert not going_on._numbers_stay(model.vocabulary, kept.vocabulary)
        return
    assert learn_more(model, NEW, remarks=remarks).model.since_fitted == 0


def test_networks_are_calibrated_with_what_they_learned_again(kept: Model) -> None:
    assert kept.history is not None
    assert going_on.can_go_on(kept, kept.history)
    with_one = Settings(detection=DetectionSettings(detectors=("sequence", "autoencoder")))
    assert not going_on.can_go_on(replace(kept, settings=with_one), kept.history)


def test_what_is_rare_is_told_of_functions_that_show_a_new_kind_of_run(kept: Model) -> None:
    odd = [structs.replace(one, version="9") if one.function_name == "F2" else one for one in NEW]
    update = learn_more(kept, odd)
    assert update.model.since_fitted > 0
    told = {one.cause.whose.function for one in update.training.holding.judged}
    assert "F2" in told
    assert told < {f"F{i}" for i in range(FUNCTIONS)}
    assert len(update.training.holding.kept) == len(update.model.history.flows)  # type: ignore[union-attr]


def test_how_much_is_new_is_kept_in_the_bundle(kept: Model, tmp_path: Path) -> None:
    model = learn_more(kept, NEW).model
    save(model, tmp_path / "c", version="0", seed=0, span=(0.0, 1.0))
    assert load(tmp_path / "c")[0].since_fitted == len(NEW)


def test_what_is_looked_at_again_is_told_from_its_application_as_from_all() -> None:
    other = [structs.replace(flow, application_name="other") for flow in history_of(RUNS, 7, "e")]
    model = learn([*OLD, *other], Settings()).model
    assert model.history is not None
    assert model.shifts is not None
    words = model.history.vocabulary
    some = np.array(
        [number for number, key in enumerate(words.functions.words, 1) if key.application != "other"]
    )
    found = going_on.shifts_of(model, model.history, some[:2]).absence_limits
    for function, limits in model.shifts.absence_limits.items():
        assert found[function].keys() == limits.keys()
        for kind, limit in limits.items():
            assert found[function][kind] == pytest.approx(limit)
    assert {int(one) for one in some[:2]} <= found.keys()
    assert going_on.shifts_of(model, model.history, some[:0]).absence_limits == model.shifts.absence_limits
