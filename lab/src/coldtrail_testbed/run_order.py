"""A recording as it was asked for, checked and resolved."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from coldtrail_testbed.account.attacks.model import AccountAttack
from coldtrail_testbed.account.plan import AccountPlan
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
    account: AccountPlan = field(default_factory=lambda: AccountPlan(""))


def order_of(
    application: Application,
    iterations: int,
    seed: int,
    chosen: Sequence[Attack],
    attack_share: float,
    look_alikes: Sequence[str],
    telemetry: Sequence[str],
    days: float | None = None,
    on_account: Sequence[AccountAttack] = (),
) -> Order:
    """The order of such a run; raises TestbedError when it cannot be made."""
    if iterations < 1:
        raise TestbedError(f"a run needs at least 1 iteration, not {iterations}")
    if not 0 <= attack_share <= 1:
        raise TestbedError(f"the attacked share must lie between 0 and 1, not at {attack_share:g}")
    if days is not None and not 0 < days <= _MOST_DAYS:
        raise TestbedError(f"a run lasts more than 0 and at most {_MOST_DAYS} days, not {days:g}")
    implants = [attack.implant for attack in on_account if attack.implant is not None]
    plan = AttackPlan([*chosen, *implants], application.name, attack_share, seed, iterations)
    like = tuple(find_look_alikes(look_alikes))
    lives = bool(days or on_account or any(one.of_account for one in like))
    account = AccountPlan(application.name, tuple(on_account), lives)
    formats = ("xray", *(writer.name for writer in find_writers(telemetry)))
    needed = plan.shows_in_calls_alone or account.shows_in_calls_alone
    added = ("cloudtrail",) if needed and "cloudtrail" not in formats else ()
    return Order(
        application=plan.infect(application),
        iterations=iterations,
        seed=seed,
        plan=plan,
        attacks=(*(attack.name for attack in chosen), *(attack.name for attack in on_account)),
        attack_share=attack_share,
        look_alikes=like,
        telemetry=(*formats, *added),
        added_telemetry=added,
        days=days,
        account=account,
    )
