"""What one peer did on one pair of runs, as it is kept on disk."""

from __future__ import annotations

from msgspec import Struct


class Found(Struct, frozen=True):
    """How many flows of one attack there were, and how many alarmed."""

    flows: int
    alarmed: int


class Figures(Struct, frozen=True):
    """What one threshold gave; a share without a denominator is null."""

    threshold: float
    precision: float | None
    recall: float | None
    fpr: float | None
    fnr: float | None
    attacks: dict[str, Found]


class Cost(Struct, frozen=True):
    """Processor seconds (other processes on the machine do not count), and memory."""

    fit_s: float
    """Learning, once."""
    threshold_s: float
    """Learning again for scores out of fold."""
    flows_per_s: float
    """Scored, from assembled flows."""
    base_mib: float
    """Largest resident set with both runs read, before the peer is made."""
    peak_mib: float
    """Largest resident set in the end."""


class Trial(Struct, frozen=True):
    """One peer, one application, one seed."""

    app: str
    seed: int
    peer: str
    learned: int
    judged: int
    not_ready: int
    """Flows judged of functions with too little history: they never alarm."""
    malicious: int
    pr_auc: float | None
    hindsight: float | None
    """Recall of the best threshold that keeps to the budget on the judged flows themselves."""
    rules: dict[str, Figures]
    """By `own` (the peer's) and `budget` (scores out of fold)."""
    cost: Cost


class Failure(Struct, frozen=True):
    """Why there is no trial."""

    app: str
    seed: int
    peer: str
    reason: str
