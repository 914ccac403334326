"""What the experiment records and judges: sizes, seeds and functions."""

from __future__ import annotations

from dataclasses import dataclass

APPLICATIONS = ("airline", "vod")

FUNCTIONS = {
    # The airline application's own eight functions for bookings, payments and loyalty, as its repository
    # (aws-samples/aws-serverless-airline-booking) has them: a visit makes 9.7 runs of them, the paper's 9.3
    # (Table 3: 5,927 + 1,481 runs in 800 visits). The payment provider and the search are left out.
    "airline": (
        "ReserveBooking",
        "CollectPayment",
        "ConfirmBooking",
        "CancelBooking",
        "RefundPayment",
        "NotifyBooking",
        "IngestLoyalty",
        "GetLoyalty",
    ),
    # The four that the attacks strike: an upload makes 5.8 runs of them, the paper's 6.1.
    "vod": ("dynamo", "profiler", "encode", "output-validate"),
}
"""The functions with "the most prominent roles" (section 7.1: eight and four, not named there)."""

HELD_OUT = ("vod", "dynamo")
"""The application and function that the update brings in (section 7.4)."""

NEW_SHARE = 0.9
"""Of an update's flows, the share that is new (section 7.4)."""


@dataclass(frozen=True)
class RunPlan:
    """One run to be recorded."""

    application: str
    part: str
    """`train` or `test`."""
    visits: int
    seed: int

    @property
    def name(self) -> str:
        """The run's folder."""
        return f"{self.application}-{self.part}"

    @property
    def attacks(self) -> str:
        """The group of attacks."""
        return "paper" if self.part == "test" else "none"


@dataclass(frozen=True)
class Plan:
    """A whole experiment."""

    runs: tuple[RunPlan, ...]
    quick: bool
    seed: int
    """Of the training."""


def plan(*, quick: bool = False, seed: int = 1, visits: dict[str, int] | None = None) -> Plan:
    """The plan of the experiment, in the paper's sizes or in quick ones; each run has its own seed."""
    sizes = visits or ({"airline": 100, "vod": 120} if quick else {"airline": 800, "vod": 3000})
    runs = [
        RunPlan(application, part, sizes[application], 100 * seed + 10 * row + column)
        for row, application in enumerate(APPLICATIONS, 1)
        for column, part in enumerate(("train", "test"), 1)
    ]
    return Plan(tuple(runs), quick, seed)
