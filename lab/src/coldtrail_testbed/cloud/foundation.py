"""What every service of the local cloud stands on."""

from dataclasses import dataclass, field
from random import Random

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.agenda import Agenda
from coldtrail_testbed.cloud.disturbances import Disturbances
from coldtrail_testbed.cloud.identifiers import Identifiers
from coldtrail_testbed.cloud.identities import Identities
from coldtrail_testbed.cloud.latency import LatencyModel
from coldtrail_testbed.cloud.permissions import Permissions
from coldtrail_testbed.cloud.running import RunningInstances
from coldtrail_testbed.cloud.traces import TraceStore
from coldtrail_testbed.facts import Facts


@dataclass(frozen=True)
class Foundation:
    """The time, the randomness, the pending work, the traces and the facts of one local cloud."""

    clock: VirtualClock
    agenda: Agenda
    identifiers: Identifiers
    latency: LatencyModel
    traces: TraceStore
    disturbances: Disturbances
    running: RunningInstances = field(default_factory=RunningInstances)
    identities: Identities = field(default_factory=Identities)
    permissions: Permissions = field(default_factory=Permissions)
    facts: Facts = field(default_factory=Facts)
    seed: int = 0


def lay_foundation(clock: VirtualClock, seed: int) -> Foundation:
    """The foundation of a cloud whose every draw follows from `seed`."""
    identifiers = Identifiers(generator_for(seed, "identifiers"))
    running = RunningInstances()
    return Foundation(
        clock=clock,
        agenda=Agenda(clock, running),
        running=running,
        identifiers=identifiers,
        latency=LatencyModel(generator_for(seed, "latency")),
        traces=TraceStore(identifiers),
        disturbances=Disturbances(generator_for(seed, "disturbances")),
        seed=seed,
    )


def generator_for(seed: int, purpose: str) -> Random:
    """A generator of its own for each purpose: drawing more for one leaves the others as they were."""
    return Random(f"{seed} {purpose}")  # noqa: S311 - repeatable on purpose
