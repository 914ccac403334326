"""Thresholds, figures and tables of the peers, on made scores and results."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.peers.__main__ import arguments, outcome
from benchmarks.peers.peer import Peer
from benchmarks.peers.registry import PEERS
from benchmarks.peers.results import Cost, Failure, Figures, Found, Trial
from benchmarks.peers.tables import Outcome, pooled, report, spread
from benchmarks.peers.threshold import out_of_fold, threshold
from benchmarks.peers.trial import figures, hindsight, tried
from benchmarks.recorded import pair
from coldtrail.features.batch import Floats
from coldtrail.learning.evaluate import Label
from coldtrail.records.flow import Flow
from coldtrail.testing import make_history

LABELS = {"h00000003": Label("h00000003", "extra_action"), "h00000005": Label("h00000005", "mining")}


def trial(seed: int, recall: float, peer: str = "seen-set", alarmed: int = 1) -> Trial:
    own = Figures(1.0, None, recall, 0.01, 1.0 - recall, {"extra_action": Found(4, alarmed)})
    cost = Cost(1.0, 2.0, 1000.0 * seed, 40.0, 60.0)
    return Trial("vod", seed, peer, 100, 90, 5, 8, 0.5, None, {"own": own}, cost)


class Blind:
    """A peer that knows which flows it has seen."""

    threshold_ = None

    def fit(self, flows: list[Flow]) -> None:
        self.seen = {flow.function_flow_id for flow in flows}

    def score(self, flows: list[Flow]) -> Floats:
        return np.array([float(flow.function_flow_id in self.seen) for flow in flows])


def make_blind() -> Peer:
    return Blind()  # type: ignore[return-value]


def test_scores_out_of_fold_come_from_peers_that_have_not_seen_the_flow() -> None:
    flows = make_history(23) + make_history(4, function="Quiet", prefix="q")
    assert out_of_fold(make_blind, flows, 5).tolist() == [0.0] * 27


def test_a_threshold_lets_the_budget_pass() -> None:
    scores = np.arange(1.0, 1000.0)
    assert threshold(scores, 0.003) == 997.0
    assert threshold(scores[:10], 0.003) == 10.0


def test_no_scores_give_no_threshold() -> None:
    with pytest.raises(ValueError, match="no scores"):
        threshold(np.zeros(0))


def test_figures_count_what_scores_above_the_limit() -> None:
    flows = make_history(10)
    scores = np.array([0, 0, 9, 9, 0, 1, 0, 0, 0, 5.0])
    found = figures(flows, scores, 5.0, LABELS)
    assert found.precision == found.recall == found.fnr == 0.5
    assert found.fpr == 1 / 8
    assert found.attacks == {"extra_action": Found(1, 1), "mining": Found(1, 0)}


def test_hindsight_keeps_to_the_budget() -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0, 3.5, 2.5, 9.0])
    malicious = np.array([False] * 4 + [True] * 3)
    assert hindsight(scores, malicious, 0.0) == pytest.approx(1 / 3)
    assert hindsight(scores, malicious, 0.25) == pytest.approx(2 / 3)
    assert hindsight(scores, ~malicious & False) is None


def test_a_trial_judges_functions_with_enough_history_only() -> None:
    learned = make_history(60) + make_history(12, function="Quiet", prefix="q")
    judged = make_history(10) + make_history(5, function="Quiet", prefix="n")
    labels = LABELS | {"n00000001": Label("n00000001", "mining")}
    done = tried(PEERS["seen-set"], learned, judged, labels)
    assert (done.learned, done.judged, done.not_ready, done.malicious) == (72, 15, 5, 3)
    assert done.rules.keys() == {"own", "budget"}
    assert done.rules["own"].attacks["mining"].flows == 2
    assert done.cost.peak_mib >= done.cost.base_mib > 0


def test_means_and_spreads() -> None:
    assert spread([0.5, None, 0.7], 3) == "0.600 ± 0.141"
    assert spread([2000.0], 0) == "2,000"
    assert spread([None], 3) == "-"
    assert pooled([Found(4, 1), None, Found(6, 6)]) == "0.700 (7/10)"
    assert pooled([None]) == "-"


def test_the_report_tells_losses_and_failures() -> None:
    outcomes: list[Outcome] = [
        trial(1, 0.2, alarmed=0),
        trial(2, 0.4),
        Failure("vod", 1, "ecod", "No module named 'pyod'"),
    ]
    text = report(outcomes, ["vod", "airline"], list(PEERS), "Five seeds.")
    assert "| seen set + largest time | own | - | 0.300 ± 0.141 | 0.0100 ± 0.0000 |" in text
    assert "| seen set + largest time | own | 0.125 (1/8) |" in text
    assert "No figures of ECOD (PyOD) for seed 1: No module named 'pyod'" in text
    assert "Seeds: 2; 200 flows learned, 180 judged, of which 16 attacked" in text
    assert "### airline" in text


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    options = arguments().parse_args(["--keep", str(tmp_path), "--peers", "seen-set"])
    runs = pair(tmp_path, "vod", 1, (250, 250), "paper")
    assert isinstance(outcome(runs, "vod", 1, "seen-set", options), Failure)
    kept = trial(1, 0.2)
    (tmp_path / "vod-paper-1-250-250-seen-set.json").write_bytes(msgspec.json.encode(kept))
    assert outcome(runs, "vod", 1, "seen-set", options) == kept


def test_runs_of_another_size_are_refused(tmp_path: Path) -> None:
    run = pair(tmp_path, "vod", 3, (40, 50), "paper").judge
    assert not run.recorded
    assert (run.folder.name, run.seed, run.visits) == ("vod-paper-3", 7, 50)
    run.folder.mkdir()
    (run.folder / "run.json").write_text(json.dumps({"settings": {"iterations": 20}}))
    with pytest.raises(SystemExit, match="20 visits, not 50"):
        _ = run.recorded
