"""What lies in no single run is learned in the same walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from coldtrail.config import BaselineSettings, Settings
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.detectors.signalling import Signalling
from coldtrail.learning.following import followed, with_baselines
from coldtrail.learning.train import learn
from coldtrail.pipeline import signalling_of
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.facts import Facts
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.window import Window
from coldtrail.registry import SIGNAL_DETECTORS
from coldtrail.testing import make_flow, make_history


class Counter(SignalDetector):
    """Counts what it sees."""

    name = "counter"
    sees = (Window, Run)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self.runs = self.invocations = 0.0

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        self.runs += sum(isinstance(one.what, Run) for one in batch)
        self.invocations += sum(one.what.invocations for one in batch if isinstance(one.what, Window))
        return []

    def snapshot(self) -> State:
        return {"counts": packed((self.runs, self.invocations))}

    def restore(self, state: State) -> None:
        self.runs, self.invocations = unpacked(state, "counts", tuple[float, float])

    def not_ready(self) -> Mapping[FunctionKey, str]:
        return {}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setitem(SIGNAL_DETECTORS, "counter", f"{__name__}:Counter")
    return Settings(baselines=BaselineSettings(detectors=("counter",)))


def test_flows_pass_unchanged_and_are_counted(settings: Settings) -> None:
    signalling = Signalling(settings)
    plain = make_flow([], flow_id="a")
    told = make_flow([], flow_id="b", facts=Facts(principal="p-1"))
    assert list(followed([plain, told], signalling)) == [plain, told]
    model = with_baselines(learn(make_history(30), settings).model, signalling)
    (counter,) = signalling_of(model, Tally()).detectors
    assert isinstance(counter, Counter)
    assert (counter.runs, counter.invocations) == (1.0, 2.0)


def test_without_detectors_nothing_is_kept() -> None:
    none = Settings(baselines=BaselineSettings(detectors=()))
    model = learn(make_history(30), none).model
    assert with_baselines(model, Signalling(none)).baselines is None
