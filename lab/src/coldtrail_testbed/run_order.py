"""A recording as it was asked for, checked and resolved."""

from collections.abc import Sequence
from dataclasses import dataclass

from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.look_alikes import find_look_alikes
from coldtrail_testbed.look_alikes.model import LookAlike
from coldtrail_testbed.telemetry import find_writers

_MOST_DAYS = 366


@dataclass(frozen=True)
class Order:
    """A recording as it was asked for; `telemetry` may hold more than was, because an attack needs it.

    Its users come over `days`, or as densely as they do by nature where that is None.
    """

    application: Application
    iterations: int
    seed: int
    plan: AttackPlan
    attacks: tuple[str, ...]
    attack_share: float
    look_alikes: tuple[LookAlike, ...]
    telemetry: tuple[str, ...]
    added_telemetry: tuple[str, ...]
    days: float | None = None


def order_of(
    application: Application,
    iterations: int,
    seed: int,
    chosen: Sequence[Attack],
    attack_share: float,
    look_alikes: Sequence[str],
    telemetry: Sequence[str],
    days: float | None = None,
) -> Order:
    """The order of such a run; raises TestbedError when it cannot be made."""
    if iterations < 1:
        raise TestbedError(f"a run needs at least 1 iteration, not {iterations}")
    if not 0 <= attack_share <= 1:
        raise TestbedError(f"the attacked share must lie between 0 and 1, not at {attack_share:g}")
    if days is not None and not 0 < days <= _MOST_DAYS:
        raise TestbedError(f"a run lasts more than 0 and at most {_MOST_DAYS} days, not {days:g}")
    plan = AttackPlan(chosen, application.name, attack_share, seed, iterations)
    formats = ("xray", *(writer.name for writer in find_writers(telemetry)))
    added = ("cloudtrail",) if plan.shows_in_calls_alone and "cloudtrail" not in formats else ()
    return Order(
        application=plan.infect(application),
        iterations=iterations,
        seed=seed,
        plan=plan,
        attacks=tuple(attack.name for attack in chosen),
        attack_share=attack_share,
        look_alikes=tuple(find_look_alikes(look_alikes)),
        telemetry=(*formats, *added),
        added_telemetry=added,
        days=days,
    )
