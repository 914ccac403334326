"""Decides which invocations of a run are attacked, and when intruders come."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from coldtrail_testbed.applications.model import Application, Function, Grant
from coldtrail_testbed.attacks.locating import nothing, the_invocation
from coldtrail_testbed.attacks.model import Attack, Intrusion, Locate, OneIn, Place, Share, Sustained
from coldtrail_testbed.flows import Flow
from coldtrail_testbed.incidents import Story

# Campaigns begin when the application has been used for a while, and early enough to end within the run.
_CAMPAIGN_PART = (0.2, 0.8)
_HOUR = timedelta(hours=1)
_Pace = TypeVar("_Pace", Share, OneIn, Sustained)


@dataclass
class _Spell:
    """A sustained attack: it strikes from `begin` (not known before it comes) for `pace.hours`."""

    attack: str
    pace: Sustained
    begin: float = float("inf")
    longer: float = 1.0

    def covers(self, time: float) -> bool:
        return self.begin <= time < self.begin + self.longer * self.pace.hours * 3600


class AttackPlan:
    """The attacks of one run; `visits` is how many users it has, `share` the pace of most attacks.

    An invocation carries one attack at most: the one that comes once in many invocations goes first, then the
    share of the invocations that is attacked, divided evenly among the function's attacks, then a sustained
    one. `outside` finds the events of attacks that are not of this plan, in flows that these started.
    """

    def __init__(
        self,
        attacks: Sequence[Attack],
        application: str,
        share: float,
        seed: int,
        visits: int = 0,
        outside: Locate = the_invocation,
    ) -> None:
        self._seed = seed
        self._outside = outside
        self.stories = [
            Story(attack.name, attack.summary, attack.places[application].function) for attack in attacks
        ]
        self._places = {attack.name: attack.places[application] for attack in attacks}
        self._shared = {
            function: _Shared(list(paces), share, _generator(seed, f"attacks on {function}"))
            for function, paces in self._paced(Share).items()
        }
        self._rare = {
            function: [_Blocks(name, pace, visits, _generator(seed, name)) for name, pace in paces.items()]
            for function, paces in self._paced(OneIn).items()
        }
        self._spells = {
            function: [_Spell(name, pace) for name, pace in paces.items()]
            for function, paces in self._paced(Sustained).items()
        }

    @property
    def functions(self) -> frozenset[str]:
        """The functions that are infected."""
        return frozenset((*self._shared, *self._rare, *self._spells))

    @property
    def shows_in_calls_alone(self) -> bool:
        """Whether an attack shows in no flow at all, but only in the calls that CloudTrail records."""
        return any(place.locate is nothing for place in self._places.values())

    @property
    def campaigns(self) -> Mapping[str, Intrusion]:
        """What comes from outside, by the attack's name."""
        return {name: place for name, place in self._places.items() if isinstance(place, Intrusion)}

    @property
    def spells(self) -> Mapping[str, float]:
        """For each sustained attack, the share of the users after whom it begins."""
        spells = [spell for spells in self._spells.values() for spell in spells]
        return {one.attack: one.pace.after for one in spells if one.pace.after is not None}

    @property
    def memory_mb(self) -> Mapping[str, float]:
        """What invocations hold in memory beyond the ordinary, by the attack that they carry."""
        return {name: place.memory_mb for name, place in self._places.items() if isinstance(place, Place)}

    def begin_spell(self, attack: str, now: float, longer: float = 1.0) -> None:
        """None; the sustained `attack` begins at virtual time `now`, and lasts `longer` times its hours."""
        for spells in self._spells.values():
            for spell in spells:
                if spell.attack == attack:
                    spell.begin, spell.longer = now, longer

    def choose(self, function: str, now: float) -> str | None:
        """The attack that the invocation of `function` at virtual time `now` carries, or None."""
        # All draws are made each time: what one attack draws must not shift another's.
        rare = [blocks.draw() for blocks in self._rare.get(function, ())]
        shared = self._shared[function].draw() if function in self._shared else None
        sustained = [spell.attack for spell in self._spells.get(function, ()) if spell.covers(now)]
        return next((name for name in (*rare, shared, *sustained) if name), None)

    def locate(self, attack: str, flow: Flow) -> list[str]:
        """The ids of the events of `attack` in `flow`, none when it did not come about."""
        place = self._places.get(attack)
        return list(place.locate(flow) if place else self._outside(flow))

    def infect(self, application: Application) -> Application:
        """`application` with what its attacks need: permissions that they misuse, buckets of their own."""
        grants: defaultdict[str, list[Grant]] = defaultdict(list)
        for place in self._places.values():
            grants[place.function] += place.grants
        functions = [_granted(function, grants[function.name]) for function in application.functions]
        buckets = [bucket for place in self._places.values() for bucket in getattr(place, "buckets", ())]
        return replace(
            application,
            functions=functions,
            buckets=tuple(dict.fromkeys((*application.buckets, *buckets))),
        )

    def campaign_start(self, attack: str, arrivals: Sequence[float]) -> float:
        """When the campaign of `attack` begins, if users come at `arrivals`; all in UTC epoch seconds.

        At an hour that it keeps to, if it does: after the last user where the run has no such hour.
        """
        return drawn_begin(self._seed, attack, self.campaigns[attack].hours, arrivals)

    def _paced(self, kind: type[_Pace]) -> Mapping[str, dict[str, _Pace]]:
        """The attacks of one kind of pace and their paces, by function."""
        paces: defaultdict[str, dict[str, _Pace]] = defaultdict(dict)
        for name, place in self._places.items():
            if isinstance(place, Place) and isinstance(place.pace, kind):
                paces[place.function][name] = place.pace
        return dict(paces)


def drawn_begin(seed: int, attack: str, hours: tuple[int, int] | None, arrivals: Sequence[float]) -> float:
    """When what comes from outside begins, if users come at `arrivals`; all in UTC epoch seconds."""
    first, last = arrivals[0], arrivals[-1]
    begin, end = (first + part * (last - first) for part in _CAMPAIGN_PART)
    generator = _generator(seed, f"campaign {attack}")
    if hours is None:
        return generator.uniform(begin, end)
    begin, end = generator.choice(list(_hours_between(begin, end, hours)) or [_next_hour(end, hours)])
    return generator.uniform(begin, end)


class _Shared:
    """The attacks that share a part of a function's invocations: equally many of each."""

    def __init__(self, names: Sequence[str], share: float, generator: Random) -> None:
        self._names = names
        self._share = share
        self._generator = generator
        self._hand: list[str] = []

    def draw(self) -> str | None:
        if self._generator.random() >= self._share:
            return None
        if not self._hand:
            self._hand = self._generator.sample(self._names, len(self._names))
        return self._hand.pop()


class _Blocks:
    """One invocation in each block of so many, at a drawn place.

    A run may be shorter than a block: the first is as short as the number of invocations that can be expected
    safely, one for every second user.
    """

    def __init__(self, attack: str, pace: OneIn, visits: int, generator: Random) -> None:
        self._attack = attack
        self._number = pace.number
        self._generator = generator
        self._begin_block(min(pace.number, max(1, visits // 2)))

    def draw(self) -> str | None:
        if self._left == 0:
            self._begin_block(self._number)
        self._left -= 1
        return self._attack if self._left == self._place else None

    def _begin_block(self, size: int) -> None:
        self._left = size
        self._place = self._generator.randrange(size)


def _generator(seed: int, purpose: str) -> Random:
    return Random(f"{seed} {purpose}")  # noqa: S311 - repeatable on purpose


def _granted(function: Function, grants: Sequence[Grant]) -> Function:
    return replace(function, grants=(*function.grants, *grants)) if grants else function


def _hours_between(begin: float, end: float, hours: tuple[int, int]) -> Iterator[tuple[float, float]]:
    """Those parts of the time from `begin` to `end` that lie in the `hours` of a day (UTC)."""
    hour = datetime.fromtimestamp(begin, UTC).replace(minute=0, second=0, microsecond=0)
    while hour.timestamp() < end:
        if _lies_in(hour, hours):
            yield max(begin, hour.timestamp()), min(end, (hour + _HOUR).timestamp())
        hour += _HOUR


def _next_hour(time: float, hours: tuple[int, int]) -> tuple[float, float]:
    return next(_hours_between(time, time + 2 * 86_400, hours))


def _lies_in(hour: datetime, hours: tuple[int, int]) -> bool:
    first, end = hours
    return first <= hour.hour < end if first < end else hour.hour >= first or hour.hour < end
