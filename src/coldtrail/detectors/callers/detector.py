"""Who starts a function and how, and what each principal usually does and from where.

Followed are the callers of each function (by the cloud's API, at a gateway, in its traces) and the principals
of each account in all that they do. What a subject never showed is strange by how seldom it shows anything
new (`profile.py`); several such things at once, by one caller or of one principal, are what is told alone: a
takeover. What is shared explains itself: a network to which several principals move, a place and a program
that are a caller's own elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from coldtrail.config import BaselineSettings
from coldtrail.detectors.callers import sightings, telling
from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.features import (
    COUNTRY,
    NETWORK,
    OF_ACCOUNT,
    OF_FUNCTION,
    OF_PRINCIPAL,
    TOOL,
    WHO,
)
from coldtrail.detectors.callers.habits import READY_DAYS, Habit, Habits
from coldtrail.detectors.callers.judging import NO_WEIGHTS, Sight, Subject, judge, learn, sight
from coldtrail.detectors.callers.pools import Pool
from coldtrail.detectors.callers.profile import Keys, Profile
from coldtrail.detectors.callers.repeats import Repeat, Repeats
from coldtrail.detectors.callers.telling import About, signal_of
from coldtrail.detectors.callers.tokens import token_of
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.records.encounter import Encounter, Run, What
from coldtrail.records.finding import Subject as Whose
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.witnesses import Access, ApiCall

Door = Literal["api", "gateway", "trace"]
"""By which a function is reached, or told to be: who comes through one is no news of another."""
_OWN = 0.3
"""So much weighs, for a function, a place or a program that is the caller's own elsewhere."""
_SHARED = 0.4
"""So much weighs, for a principal, a network to which several have moved."""
_TOGETHER_S = 3_600.0
_TWO_COUNTRIES = 0.5
"""A principal that is active from where it belongs, and within an hour from a country where it never was."""


class CallersDetector(SignalDetector):
    """Signals about callers of functions and about principals."""

    name: ClassVar[str] = telling.NAME
    sees: ClassVar[tuple[type[What], ...]] = (ApiCall, Access, Run)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self._keys = Keys()
        self._functions: dict[tuple[FunctionKey, Door], Habit] = {}
        self._habits = Habits()
        self._pools: dict[str, Pool] = {}
        self._repeats = Repeats()

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        """What becomes certain: everything at once, as each call is judged by what came before it."""
        found: list[Signal | None] = []
        for encounter in batch:
            token = token_of(encounter)
            if token is None or self._repeats.count(token, encounter.at, self._habits):
                continue
            repeat = Repeat()
            found += self._judged(encounter, repeat)
            self._repeats.keep(token, repeat)
        return [one for one in found if one is not None]

    def _judged(self, encounter: Encounter, repeat: Repeat) -> list[Signal | None]:
        match encounter.what:
            case ApiCall() as call:
                return self._call(encounter, call, repeat)
            case Access() as access if encounter.target is not None:
                seen = sight(sightings.of_access(encounter.at, access), self._keys)
                return [self._caller((encounter.target, "gateway"), seen, NO_WEIGHTS, repeat)]
            case Run() as run:
                sighting = sightings.of_run(encounter.at, run)
                if sighting is not None:
                    seen = sight(sighting, self._keys)
                    return [self._caller((run.flow.key, "trace"), seen, NO_WEIGHTS, repeat)]
        return []

    def _call(self, encounter: Encounter, call: ApiCall, repeat: Repeat) -> list[Signal | None]:
        found: list[Signal | None] = []
        is_own = encounter.actor is not None
        target = encounter.target if sightings.is_invocation(call) else None
        if target is not None:
            seen = sight(sightings.of_invocation(encounter.at, call, is_own), self._keys)
            weights = NO_WEIGHTS if is_own else self._explained(call, seen)
            found.append(self._caller((target, "api"), seen, weights, repeat))
        # What a function's own credentials do is for another detector.
        if not is_own and call.principal is not None:
            done_to = encounter.target if sightings.is_done_to_function(call) else None
            found.append(self._principal(encounter.at, call, call.principal, done_to, repeat))
        return found

    def _caller(
        self, reached: tuple[FunctionKey, Door], seen: Sight, weights: Sequence[float], repeat: Repeat
    ) -> Signal | None:
        """Who starts a function."""
        key, door = reached
        habit = self._functions.get(reached)
        if habit is None:
            habit = self._functions[reached] = Habit(Profile())
        subject = Subject(habit, OF_FUNCTION, self._pool(door), None, True)
        self._begin(subject, seen)
        episode = judge(subject, seen, weights, (key,))
        told = None
        if episode is not None:
            about = About(Whose.of(key), telling.kind_of_caller, _ALONE[door])
            told = signal_of(subject, episode, seen.sighting.at, about)
        self._learn(subject, seen, episode, repeat)
        return told

    def _explained(self, call: ApiCall, seen: Sight) -> Sequence[float]:
        """How much of what is strange for a function is not explained by what its caller does elsewhere."""
        own = self._known_by(call)
        account = self._habits.accounts.get(self._keys["account", call.account])
        weights = list(NO_WEIGHTS)
        for feature in (NETWORK, COUNTRY, TOOL):
            key = seen.keys[feature]
            # Some program of each kind is used by somebody: of a caller with a past, its own past counts.
            by = [own] if own is not None and feature == TOOL else [own, account]
            if key is not None and any(one is not None and _knows(one, feature, key, seen) for one in by):
                weights[feature] = _OWN
        return weights

    def _known_by(self, call: ApiCall) -> Habit | None:
        """What a principal, or else its role, is known for; None for one without a past."""
        for what, name in (("principal", call.principal), ("role", call.role)):
            habit = None if name is None else self._habits.get(self._keys[what, name])
            if habit is not None and habit.profile.days >= READY_DAYS:
                return habit
        return None

    def _principal(
        self, at: float, call: ApiCall, principal: str, target: FunctionKey | None, repeat: Repeat
    ) -> Signal | None:
        """What a principal does."""
        seen = sight(sightings.of_call(at, call), self._keys)
        subjects = self._subjects(call, principal, repeat)
        for one in subjects:
            self._begin(one, seen)
        *former, account = subjects
        judged = next((one for one in former if one.habit.profile.days >= READY_DAYS), account)
        weights = self._moved(subjects[0].habit, seen, repeat)
        episode = judge(judged, seen, weights, (target,))
        told = None
        if episode is not None:
            _weigh_countries(judged.habit, seen, episode)
            kind = telling.kind_of_newcomer if judged is account else telling.kind_of_principal
            whose = Whose("principal", account=call.account, principal=principal)
            told = signal_of(judged, episode, at, About(whose, kind, telling.is_takeover))
            network = seen.keys[NETWORK]
            if told is not None and told.alone and network is not None:
                self._habits.networks[network].is_strange = True
        for one in subjects:
            self._learn(one, seen, episode, repeat)
            _come_home(one.habit, seen)
        repeat.country = seen.keys[COUNTRY]
        return told

    def _learn(self, subject: Subject, seen: Sight, episode: Episode | None, repeat: Repeat) -> None:
        self._repeats.forget(learn(subject, seen, episode))
        repeat.add(subject, seen, episode)

    def _subjects(self, call: ApiCall, principal: str, repeat: Repeat) -> list[Subject]:
        """A principal, its role where it has one, and its account, which learn of what it does."""
        key = self._keys["account", call.account]
        account = self._habits.account(key)
        repeat.account = key, account
        key = self._keys["principal", principal]
        own = self._habits.made(key)
        repeat.principals.append((key, own))
        found = [Subject(own, OF_PRINCIPAL, self._pool(own.kind), account.profile, False)]
        if call.role is not None:
            key = self._keys["role", call.role]
            role = self._habits.made(key)
            repeat.principals.append((key, role))
            found.append(Subject(role, OF_PRINCIPAL, self._pool(role.kind), account.profile, True))
        return [*found, Subject(account, OF_ACCOUNT, self._pool("account"), None, True)]

    def _moved(self, own: Habit, seen: Sight, repeat: Repeat) -> Sequence[float]:
        """Weights of a place: less where several principals have moved to the network."""
        key, who = seen.keys[NETWORK], seen.keys[WHO]
        if key is None or who is None:
            return NO_WEIGHTS
        repeat.network = key, who if own.profile.days >= READY_DAYS else None
        network = self._habits.network(*repeat.network, seen.day)
        if not network.is_shared:
            return NO_WEIGHTS
        weights = list(NO_WEIGHTS)
        weights[NETWORK] = weights[COUNTRY] = _SHARED
        return weights

    def _begin(self, subject: Subject, seen: Sight) -> None:
        habit = subject.habit
        habit.hours |= 1 << seen.hour % 24
        before = habit.profile.last_day
        if habit.profile.begin(seen.day, seen.hour):
            habit.drop_ended(seen.sighting.at, before)
            if habit.profile.days > READY_DAYS:
                subject.pool.add_day(habit.profile.days)

    def _pool(self, kind: str) -> Pool:
        pool = self._pools.get(kind)
        if pool is None:
            pool = self._pools[kind] = Pool()
        return pool

    def snapshot(self) -> State:
        """All that is held."""
        functions = [(key, door, habit) for (key, door), habit in self._functions.items()]
        return {
            "functions": packed(functions),
            "habits": packed(self._habits),
            "pools": packed(self._pools),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self._repeats = Repeats()
        functions = unpacked(state, "functions", list[tuple[FunctionKey, Door, Habit]])
        self._functions = {(key, door): habit for key, door, habit in functions}
        self._habits = unpacked(state, "habits", Habits)
        self._pools = unpacked(state, "pools", dict[str, Pool])

    def not_ready(self) -> Mapping[FunctionKey, str]:
        """Functions whose callers are known from too little, by any way in which they are reached."""
        ready = {key for (key, _), habit in self._functions.items() if _is_ready(habit.profile)}
        return {
            key: f"Its callers are known from {habit.profile.calls:,} calls on {habit.profile.days:,} days; "
            f"it takes {telling.READY_CALLS} calls on {READY_DAYS} days."
            for (key, _), habit in self._functions.items()
            if key not in ready
        }


_ALONE = {
    "api": telling.is_strange_caller,
    "gateway": telling.is_strange_visitor,
    "trace": telling.is_never_alone,
}


def _is_ready(profile: Profile) -> bool:
    return profile.days >= READY_DAYS and profile.calls >= telling.READY_CALLS


def _knows(habit: Habit, feature: int, key: int, seen: Sight) -> bool:
    return habit.profile.days >= READY_DAYS and habit.profile.is_familiar(feature, key, seen.hour)


def _come_home(habit: Habit, seen: Sight) -> None:
    key = seen.keys[COUNTRY]
    if key is not None and habit.profile.is_familiar(COUNTRY, key, seen.hour):
        habit.home_at = seen.sighting.at


def _weigh_countries(habit: Habit, seen: Sight, episode: Episode) -> None:
    """Adds what it weighs to be active in two countries at once."""
    key = seen.keys[COUNTRY]
    if key is None or habit.profile.is_familiar(COUNTRY, key, seen.hour):
        return
    if habit.home_at is not None and 0.0 <= seen.sighting.at - habit.home_at <= _TOGETHER_S:
        episode.more = max(episode.more, _TWO_COUNTRIES)
