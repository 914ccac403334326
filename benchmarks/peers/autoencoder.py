"""The LSTM autoencoders of Lavi et al. 2024 as detectors of a bundle: our recipe and theirs."""

from __future__ import annotations

from benchmarks.peers.default import Trained
from coldtrail.config import DetectionSettings
from coldtrail.registry import DETECTORS, load


def ours() -> Trained:
    """A peer that has learned nothing yet; raises `ConfigError` where there is no such detector."""
    return _trained("autoencoder")


def paper() -> Trained:
    """As `ours`, by the paper's recipe and threshold."""
    return _trained("autoencoder-paper")


def _trained(name: str) -> Trained:
    load(DETECTORS, name, "detector")
    return Trained(DetectionSettings(detectors=(name,)))
