"""Decides which invocations of a run are attacked."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random

from coldtrail_testbed.attacks.model import Attack, Intrusion, Place
from coldtrail_testbed.flows import Flow


class AttackPlan:
    """`share` of the invocations of each attacked function carry one of its attacks, chosen evenly."""

    def __init__(self, attacks: Sequence[Attack], application: str, share: float, seed: int) -> None:
        self._share = share
        self._places: dict[str, Place | Intrusion] = {
            attack.name: attack.places[application] for attack in attacks
        }
        self._by_function: defaultdict[str, list[str]] = defaultdict(list)
        for name, place in self._places.items():
            self._by_function[place.function].append(name)
        self._generators = {
            function: Random(f"{seed} attacks on {function}")  # noqa: S311 - repeatable on purpose
            for function in self._by_function
        }

    @property
    def functions(self) -> frozenset[str]:
        """The functions that are infected."""
        return frozenset(self._by_function)

    def choose(self, function: str) -> str | None:
        """The attack that the next invocation of `function` carries, or None."""
        if function not in self._by_function:
            return None
        generator = self._generators[function]
        if generator.random() >= self._share:
            return None
        return generator.choice(self._by_function[function])

    def locate(self, attack: str, flow: Flow) -> list[str]:
        """The ids of the events of `attack` in `flow`, none when it did not come about."""
        return list(self._places[attack].locate(flow))
