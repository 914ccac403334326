"""Which functions are deployed with attacks inside, and which invocations carry one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ChooseAttack = Callable[[str, float], str | None]
"""The attack that an invocation of a function at a virtual time carries, or None."""


def no_attack(_function: str, _time: float) -> None:
    """None: no invocation is attacked."""


@dataclass(frozen=True)
class Infection:
    """The functions that are deployed with attacks inside, and the choice for each invocation.

    `memory_mb` is what an invocation that carries an attack holds beyond the ordinary, by the attack's name.
    """

    functions: frozenset[str] = frozenset()
    choose: ChooseAttack = no_attack
    memory_mb: Mapping[str, float] = field(default_factory=dict)
