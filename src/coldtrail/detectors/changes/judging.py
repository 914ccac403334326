"""What of an occasion is strange, by who made the changes and what they open; and what is learned of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from coldtrail.detectors.changes.actors import DAY_S, person_of
from coldtrail.detectors.changes.deployers import Who, who
from coldtrail.detectors.changes.kinds import (
    NOT_OF_THE_USUAL,
    OF_FUNCTIONS,
    TOLD_AT_ONCE,
    WEAKENED,
    Danger,
    dangers,
    is_refused,
    kind_of,
)
from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.occasions import Made, Occasion
from coldtrail.detectors.changes.signals import signal_of, usual_deployers
from coldtrail.records.finding import Value
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.traits import Quantity, Trait, Traits

_TELLS = 0.5
"""Weaker signals are not worth telling."""
_ALONE = 1.5
"""What is so usual is told to nobody by itself."""
_RELEASE = 0.3
_WEAK = 1.5
_STRONG = 6.0
_PLACES = frozenset(("network", "address", "country"))
_OF_RIGHTS = frozenset(("roles", "identities", "keys"))
"""Families of changes of who may do what."""
_MOST_ALIKE = 5
"""Signals of one kind and function a day, whoever the actors are; of more, each tenfold."""
_REFUSALS = 3
"""Different changes that were refused to somebody, from which on it is told by itself."""
_MOST_PRACTISED = 128
_HOUR_OCCASIONS = 30
_SELDOM = 0.02


class Judge:
    """Occasions to signals; learns as it goes on."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def judge(self, occasion: Occasion) -> list[Signal]:
        """What is strange of it."""
        done = [one for one in occasion.made if one.change.error_code is None]
        refused = [one for one in occasion.made if is_refused(one.change)]
        functions = self._functions(done)
        actor = self.memory.actors.meet(occasion.actor, occasion.start, None, None)
        found = Who(None)
        if done:
            found = who(self.memory, occasion, functions, occasion.start)
        usual = found.kind is None and actor.change_days > 0
        signals = [
            *self._by(occasion, done, functions, found),
            *self._dangers(occasion, done, usual),
            *self._refused(occasion, refused, usual),
        ]
        if usual and functions and not signals:
            signals += self._routine(occasion, done, functions)
        if done:
            self._learn(occasion, done, functions, found)
        return signals

    def _functions(self, made: Sequence[Made]) -> list[FunctionKey]:
        """The functions that changes are of, also those of a role."""
        found: dict[FunctionKey, None] = {}
        for one in made:
            if one.function is not None:
                found[one.function] = None
            elif one.change.family == "roles" and one.change.role:
                found.update(dict.fromkeys(self.memory.of_role(one.change.account, one.change.role)))
        return list(found)

    def _by(
        self, occasion: Occasion, done: list[Made], functions: list[FunctionKey], found: Who
    ) -> Iterator[Signal]:
        """That somebody made them who usually does not."""
        memory, kind = self.memory, found.kind
        matters = any(kind_of(one.change) not in WEAKENED for one in done)
        if kind is None or not memory.has_days or not matters:
            return
        if not found.is_abroad and not memory.knows_deployers(functions):
            found = found._replace(alone=False, most=min(found.most, _WEAK))
        if not functions and kind != "changed_by_function":
            odd = self._is_unusual(int(occasion.start % DAY_S // 3_600))
            kind, found = _administrator(done, found, odd)
        whose: Sequence[tuple[str, ...]] = functions or [("",)]
        what = "+".join(sorted({one.change.operation for one in done}))
        who = (found.foreign and person_of(done[0].change)) or occasion.actor
        told = [memory.telling.again(occasion.start, kind, who, what, *one) for one in whose]
        strength = min(memory.chances.strength(kind), found.most)
        memory.chances.count(kind, len(functions))
        seldom = memory.telling.again(occasion.start, kind, *whose[0], first=_MOST_ALIKE)
        if any(told) and seldom and strength >= _TELLS:
            first = done[0].change
            actor = Trait("role", occasion.actor) if first.principal_role else None
            actor = actor or Trait("principal", occasion.actor)
            yield signal_of(
                occasion, done, functions, kind, strength,
                alone=found.alone and strength >= _ALONE,
                seen=Traits((actor, *found.traits)) if found.traits else actor,
                expected=usual_deployers(memory, functions) if functions else None,
            )  # fmt: skip

    def _dangers(self, occasion: Occasion, done: list[Made], usual: bool) -> Iterator[Signal]:
        """What they open, whoever made them."""
        found: dict[Danger, list[Made]] = {}
        for one in done:
            for danger in (*dangers(one.change), *self._other_role(one)):
                found.setdefault(danger, []).append(one)
        for danger, made in found.items():
            functions = self._functions(made)
            if self._concerns(danger, made, functions):
                yield from self._danger(occasion, danger, made, functions, usual)

    def _other_role(self, one: Made) -> Iterator[Danger]:
        """That a function gets a role with which no function of its application ran."""
        role = one.change.role or ""
        habits = self.memory.functions.get(one.function) if one.function is not None else None
        if "role" not in one.change.sets or not role or habits is None or not habits.role:
            return
        alike = self.memory.of_role(one.change.account, role)
        mine = one.function and one.function.application_key
        if not any(key.application_key == mine for key in alike):
            yield Danger("other_role", Trait("role", role))

    @staticmethod
    def _concerns(danger: Danger, made: list[Made], functions: list[FunctionKey]) -> bool:
        """Whether it concerns a function, or the account as a whole; not the role of something else."""
        return (
            bool(functions) or danger.kind == "less_logging" or made[0].change.family not in ("roles", "keys")
        )

    def _danger(
        self, occasion: Occasion, danger: Danger, made: list[Made], functions: list[FunctionKey], usual: bool
    ) -> Iterator[Signal]:
        memory = self.memory
        practised = self._practised(danger, occasion)
        strength = memory.chances.strength(danger.kind)
        memory.chances.count(danger.kind, len(functions))
        tell = memory.telling.again(
            occasion.start, danger.kind, danger.seen.value, *(part for one in functions for part in one)
        )
        weak = usual and (practised or danger.kind in NOT_OF_THE_USUAL or _is_new(danger, made))
        if not tell or (practised and usual and not memory.ready):
            return
        alone = not weak and (memory.has_days or danger.kind in TOLD_AT_ONCE)
        yield signal_of(
            occasion, made, functions, danger.kind, min(strength, _WEAK) if weak else strength,
            alone=alone and (strength >= _ALONE or danger.kind == "less_logging"), seen=danger.seen,
        )  # fmt: skip

    def _practised(self, danger: Danger, occasion: Occasion) -> bool:
        """Whether the same actor did the same on an earlier day."""
        known = self.memory.practised
        text = "\n".join((danger.kind, danger.seen.what, danger.seen.value, occasion.actor))
        key = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        since, times = known.pop(key, (occasion.start, 0))
        if len(known) >= _MOST_PRACTISED:
            del known[next(iter(known))]
        known[key] = (since, times + 1)
        return times > 0 and occasion.start - since > DAY_S

    def _refused(self, occasion: Occasion, refused: list[Made], usual: bool) -> Iterator[Signal]:
        """That somebody tried to, and had not the rights."""
        if not refused or usual or not self.memory.has_days:
            return
        functions = self._functions(refused)
        strength = self.memory.chances.strength("refused_changes")
        self.memory.chances.count("refused_changes", len(functions))
        different = len({(one.change.operation, one.function) for one in refused})
        if self.memory.telling.again(occasion.start, "refused_changes", occasion.actor):
            many = different >= _REFUSALS and bool(functions) and self.memory.knows_deployers(functions)
            yield signal_of(
                occasion, refused, functions, "refused_changes", strength if many else min(strength, _WEAK),
                alone=many and strength >= _ALONE,
                seen=Quantity(float(len(refused)), "calls", "changes"),
                expected=usual_deployers(self.memory, functions) if functions else None,
            )  # fmt: skip

    def _routine(
        self, occasion: Occasion, done: list[Made], functions: list[FunctionKey]
    ) -> Iterator[Signal]:
        """That a usual change was made; and what of it is a little unusual."""
        memory = self.memory
        if not memory.ready or not any(one.change.sets or one.change.version for one in done):
            return
        kind, strength, seen = "release", _RELEASE, self._version(done)
        strange = self._strange_kind(done)
        hour = int(occasion.start % DAY_S // 3_600)
        if strange is not None:
            kind, seen = "unusual_change", strange
        elif self._is_unusual(hour):
            kind, seen = "unusual_hour", Trait("hour", f"{hour:02}")
        if kind != "release":
            strength = min(memory.chances.strength(kind), _WEAK)
            memory.chances.count(kind, len(functions))
            if not memory.telling.again(occasion.start, kind, *functions[0], occasion.actor):
                return
        if kind == "release" or strength >= _TELLS:
            yield signal_of(occasion, done, functions, kind, strength, seen=seen)

    @staticmethod
    def _version(done: list[Made]) -> Value | None:
        version = next((one.change.version for one in reversed(done) if one.change.version), None)
        return None if version is None else Trait("version", version)

    def _strange_kind(self, done: list[Made]) -> Trait | None:
        """A kind of change that an application of some age never saw."""
        for one in done:
            known = one.function and self.memory.applications.get(one.function.application_key)
            if known and sum(known.deployers.values()) > 3 and kind_of(one.change) not in known.kinds:
                return Trait("operation", one.change.operation)
        return None

    def _is_unusual(self, hour: int) -> bool:
        """Whether changes are hardly ever made at this hour of the day, the ones beside it taken along."""
        hours = self.memory.hours
        total = sum(hours)
        near = hours[hour - 1] + hours[hour] + hours[(hour + 1) % len(hours)]
        return total >= _HOUR_OCCASIONS and near < _SELDOM * total

    def _learn(self, occasion: Occasion, done: list[Made], functions: list[FunctionKey], found: Who) -> None:
        memory, at = self.memory, occasion.start
        actor = memory.actors.known[occasion.actor]
        for one in done:
            if one.function is not None and one.change.role and one.change.family in OF_FUNCTIONS:
                memory.function(one.function, at).role = one.change.role
        # Who may change functions is seen from changes of functions: nobody becomes known by others alone.
        knows = memory.knows_deployers(functions) if functions else memory.has_days
        for place in found.foreign:
            memory.accounts.of(done[0].change.account).doubt(place)
        if not found.trusted and knows and actor.doubt(at):
            return
        kinds = {kind_of(one.change) for one in done}
        actor.trust(at, kinds, len(functions))
        if not functions:
            return
        memory.occasions += 1
        memory.hours[int(at % DAY_S // 3_600)] += 1.0
        for key in functions:
            mine = {kind_of(one.change) for one in done if one.function in (key, None)}
            memory.function(key, at).changed(occasion.actor, mine, at)
        for application in dict.fromkeys(key.application_key for key in functions):
            memory.application(application, at).changed(occasion.actor, kinds, at)


def _administrator(done: Sequence[Made], found: Who, odd_hour: bool) -> tuple[str, Who]:
    """The kind, where what was changed is of no function, and how strange it is: weak, but for rights that
    are changed from where nobody ever was, as a thief does who wants to stay. Who rotates keys on the first
    day in a new office does the same, by day and with the usual program: that is weak as well."""
    of_rights = any(one.change.family in _OF_RIGHTS for one in done)
    stranger = found.kind == "unknown_deployer" or any(one.what not in _PLACES for one in found.traits)
    if found.foreign and of_rights and (odd_hour or stranger):
        return "rights_from_new_place", found._replace(most=_STRONG, traits=found.traits or found.foreign)
    return "new_administrator", found._replace(alone=False, most=_WEAK)


def _is_new(danger: Danger, made: Sequence[Made]) -> bool:
    """Whether it opens what was created like that: Web Functions are there to be called by everyone."""
    new = ("CreateWebFunction", "CreateWebFunctionEndpoint")
    return danger.kind == "open_to_everyone" and all(one.change.operation in new for one in made)
