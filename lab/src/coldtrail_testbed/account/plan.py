"""What happens to the account in a run: the attacks on it, when they begin, and whether it has a life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coldtrail_testbed.account.attacks.model import AccountAttack
from coldtrail_testbed.incidents import Story


@dataclass(frozen=True)
class AccountPlan:
    """The attacks on the account of one run; it `lives` when people and a pipeline work with it."""

    application: str
    attacks: Sequence[AccountAttack] = ()
    lives: bool = False

    @property
    def stories(self) -> list[Story]:
        """How incidents of these attacks are told."""
        return [
            Story(attack.name, attack.summary, attack.targets[self.application].function, attack.decisive)
            for attack in self.attacks
        ]

    @property
    def hours(self) -> Mapping[str, tuple[int, int] | None]:
        """The hours of the day that each attack keeps to, by its name."""
        return {attack.name: attack.hours for attack in self.attacks}

    @property
    def shows_in_calls_alone(self) -> bool:
        """Whether only CloudTrail tells the whole of an attack."""
        return any(attack.shows_in_calls for attack in self.attacks)
