"""The laws that every peer keeps, on made flows."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks.peers import next_event
from benchmarks.peers.peer import Peer
from benchmarks.peers.registry import PEERS
from coldtrail.records.flow import Flow
from coldtrail.registry import DETECTORS
from coldtrail.testing import make_flow, make_history

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")

ALIEN = [
    make_flow([("DeleteBucket", "S3", "never-seen", 7.5)] * 30, flow_id="new"),
    make_flow([("GetItem", "DynamoDB", "Stock", 900.0)] * 25, flow_id="repeats"),
]
LIBRARIES = {
    "mahalanobis": "sklearn",
    "next-event": "keras",
    "isolation-forest": "pyod",
    "ecod": "pyod",
    "half-space-trees": "river",
    "autoencoder": "keras",
    "autoencoder-paper": "keras",
}
WEAK = {"isolation-forest", "half-space-trees"}
"""Forests place what lies beyond all they learned no further out than the outermost of that."""
SLOW = {"autoencoder", "autoencoder-paper"}
"""The laws of detectors are tested on these."""


@pytest.fixture(scope="module")
def history() -> list[Flow]:
    return make_history(160) + make_history(30, seed=1, function="Quiet", prefix="q")


@pytest.fixture(scope="module")
def tested() -> list[Flow]:
    return make_history(40, seed=2, prefix="t") + ALIEN


@pytest.fixture(scope="module", params=sorted(PEERS.keys() - SLOW))
def name(request: pytest.FixtureRequest) -> str:
    library = LIBRARIES.get(request.param)
    if library and find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    return str(request.param)


@pytest.fixture(scope="module")
def peer(name: str, history: list[Flow]) -> Peer:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(next_event, "STEPS", 60)
        patched.setenv("KERAS_BACKEND", "jax")
        peer = PEERS[name].make()
        peer.fit(history)
    return peer


def test_scores_are_finite(peer: Peer, tested: list[Flow]) -> None:
    scores = peer.score(tested)
    assert scores.shape == (len(tested),)
    assert np.isfinite(scores).all()


def test_no_flows_have_no_scores(peer: Peer) -> None:
    assert peer.score([]).shape == (0,)


def test_the_order_of_flows_does_not_matter(peer: Peer, tested: list[Flow]) -> None:
    order = np.random.default_rng(4).permutation(len(tested))
    scores = peer.score(tested)
    np.testing.assert_allclose(peer.score([tested[i] for i in order]), scores[order], rtol=1e-5, atol=1e-6)


def test_what_is_scored_beside_a_flow_does_not_matter(peer: Peer, tested: list[Flow]) -> None:
    alone = [peer.score([flow])[0] for flow in tested[-5:]]
    np.testing.assert_allclose(alone, peer.score(tested)[-5:], rtol=1e-5, atol=1e-6)


def test_scoring_teaches_nothing(peer: Peer, tested: list[Flow]) -> None:
    np.testing.assert_array_equal(peer.score(tested), peer.score(tested))


def test_alien_flows_rank_above_benign_ones(name: str, peer: Peer, tested: list[Flow]) -> None:
    scores = peer.score(tested)
    benign, alien = scores[: -len(ALIEN)], scores[-len(ALIEN) :]
    if name in WEAK:
        assert alien.min() > np.median(benign)
        assert alien.max() > np.quantile(benign, 0.9)
    else:
        assert alien.min() > benign.max()


def test_a_function_never_met_is_no_trouble(peer: Peer) -> None:
    stranger = make_flow([("GetItem", "DynamoDB", "Stock", 0.01)], function="NeverMet")
    assert np.isfinite(peer.score([stranger])).all()


def test_the_seen_set_alarms_on_new_sequences_and_long_runs_only(history: list[Flow]) -> None:
    peer = PEERS["seen-set"].make()
    peer.fit(history)
    assert peer.threshold_ == 1.0
    assert (peer.score(history) <= 1.0).all()
    assert (peer.score(ALIEN) > 1.0).all()


def test_the_default_detectors_say_what_their_verdicts_say(history: list[Flow], tested: list[Flow]) -> None:
    from benchmarks.peers.default import peer as default

    peer = default()
    peer.fit(history)
    verdicts = peer.model_.judge(tested)
    assert peer.threshold_ is not None
    alarms = (peer.score(tested) > peer.threshold_).tolist()
    assert alarms == [verdict.verdict == "anomalous" for verdict in verdicts]
    assert any(alarms)


@pytest.mark.parametrize("name", sorted(SLOW))
def test_the_autoencoders_are_the_detectors_of_that_name(name: str) -> None:
    if name not in DETECTORS:
        pytest.skip(f"no detector {name}")
    assert PEERS[name].make().threshold_ is None
