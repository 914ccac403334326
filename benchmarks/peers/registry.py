"""The peers by name."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from benchmarks.peers.peer import Peer


@dataclass(frozen=True)
class Entry:
    """Where a peer is made, and what it is called in the tables."""

    title: str
    place: str
    """Module and callable that makes one."""
    folds: int = 5
    """Folds that its scores out of fold are taken from; 0 where its own rule takes the same budget, or where
    learning again would take hours."""

    def make(self) -> Peer:
        """A peer that has learned nothing yet; raises `ImportError` where a library is missing."""
        module, _, name = self.place.partition(":")
        made: Peer = getattr(import_module(f"benchmarks.peers.{module}"), name)()
        return made


PEERS = {
    "default": Entry("Coldtrail, default detectors", "default:peer", folds=0),
    "seen-set": Entry("seen set + largest time", "seen_set:SeenSet"),
    "mahalanobis": Entry("Mahalanobis", "mahalanobis:peer"),
    "next-event": Entry("next event (DeepLog)", "next_event:NextEvent"),
    "isolation-forest": Entry("isolation forest (PyOD)", "isolation_forest:peer"),
    "ecod": Entry("ECOD (PyOD)", "ecod:peer"),
    "half-space-trees": Entry("half-space trees (River)", "half_space_trees:peer"),
    "autoencoder": Entry("LSTM autoencoders, Coldtrail's recipe", "autoencoder:ours", folds=0),
    "autoencoder-paper": Entry("LSTM autoencoders, the paper's recipe", "autoencoder:paper", folds=0),
}
