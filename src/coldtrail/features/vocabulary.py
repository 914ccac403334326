"""The words of the learned flows, each with an exact number; 0 is the word never met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from coldtrail.errors import BundleError
from coldtrail.features.looks import Looks
from coldtrail.features.names.naming import Naming
from coldtrail.records.flow import Event
from coldtrail.records.identity import ApplicationKey, FunctionKey

UNKNOWN = 0
ABSENT = -1
NO_GROUP = 0
NO_APPLICATION = 0
_DEEPEST = 2**31

Step = tuple[str, str, str | None, str | None, int]
"""Event name, event type, parent's name, target resource, depth: what a detector sees of an event."""

W = TypeVar("W")

NO_RESOURCE_TYPES = frozenset(("lifecycle", "function"))
STARTS = frozenset(("Initialization", "Restore"))
ENDS = frozenset(("Overhead",))


class Words(Generic[W]):
    """Words numbered from 1 in the order of their coming."""

    def __init__(self, words: list[W] | None = None) -> None:
        self.numbers: dict[W, int] = {word: place for place, word in enumerate(dict.fromkeys(words or ()), 1)}
        self.words: list[W] = list(self.numbers)

    def learn(self, word: W) -> int:
        """The number of a word, a new one where it is new."""
        number = self.numbers.get(word)
        if number is None:
            self.words.append(word)
            number = self.numbers[word] = len(self.words)
        return number

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, number: int) -> W:
        return self.words[number - 1]


def is_start(event_name: str, event_type: str) -> bool:
    """Whether an event prepares a new instance, which any run may need."""
    return event_type == "lifecycle" and event_name in STARTS


def is_end(event_name: str, event_type: str) -> bool:
    """Whether an event belongs to the runtime, after the handler has returned."""
    return event_type == "lifecycle" and event_name in ENDS


class Vocabulary:
    """All words of a bundle, append-only."""

    def __init__(self) -> None:
        self.functions: Words[FunctionKey] = Words()
        self.steps: Words[Step] = Words()
        self.actions: Words[tuple[str, str, str | None]] = Words()
        """Event type, event name, target resource."""
        self.resources: Words[tuple[str, str]] = Words()
        """Event type, target resource."""
        self.triggers: Words[str] = Words()
        self.callers: Words[str] = Words()
        self.versions: Words[str] = Words()
        self.step_actions: list[int] = [UNKNOWN]
        """For each step number its action number; the first place stands for the unknown step."""
        self.step_resources: list[int] = [UNKNOWN]
        self.services: Words[str] = Words()
        """Event types."""
        self.step_services: list[int] = [UNKNOWN]
        self.step_starts: list[bool] = [False]
        """For each step number whether it belongs to a cold start rather than to the run."""
        self.step_depths: list[int] = [1]
        self.step_calls: list[bool] = [False]
        """For each step number whether it is a call of something outside the function."""
        self.groups: list[str] = []
        """What each group of functions that behave alike does; the first is group 1."""
        self.naming = Naming()
        """Which names are told apart, and which are one word."""
        self.function_groups: list[int] = [NO_GROUP]
        """For each function number its group; the first place stands for the unknown function."""
        self._applications: Words[ApplicationKey] = Words()
        self._function_applications = [NO_APPLICATION]

    @property
    def function_applications(self) -> list[int]:
        """For each function number its application; the first place stands for the unknown function."""
        known = self._function_applications
        for key in self.functions.words[len(known) - 1 :]:
            known.append(self._applications.learn(key.application_key))
        return known

    @property
    def looks(self) -> Looks:
        """What its words look like."""
        return Looks(self.steps.words, self.triggers.words, self.callers.words)

    def learn_step(self, step: Step) -> int:
        """The number of a step, with its action and resource learned as well."""
        number = self.steps.numbers.get(step)
        if number is not None:
            return number
        name, kind, _, target, depth = step
        self.step_depths.append(depth)
        self.step_actions.append(self.actions.learn((kind, name, target)))
        has_resource = target is not None and kind not in NO_RESOURCE_TYPES
        self.step_resources.append(self.resources.learn((kind, str(target))) if has_resource else ABSENT)
        self.step_services.append(self.services.learn(kind))
        self.step_starts.append(is_start(name, kind))
        self.step_calls.append(kind not in NO_RESOURCE_TYPES)
        return self.steps.learn(step)

    def _learn_steps(self, steps: list[Step]) -> None:
        """Learns what an empty vocabulary does not hold; raises ValueError for an impossible depth."""
        self.steps = Words(steps)
        steps = self.steps.words
        depths = [depth for *_, depth in steps]
        if steps and not 0 <= min(depths) <= max(depths) < _DEEPEST:
            raise ValueError("a step of an impossible depth")
        actions = [(kind, name, target) for name, kind, _, target, _ in steps]
        touched = [
            (kind, target) if target is not None and kind not in NO_RESOURCE_TYPES else None
            for kind, _, target in actions
        ]
        self.actions, self.services = Words(actions), Words([kind for kind, _, _ in actions])
        self.resources = Words([resource for resource in touched if resource is not None])
        resources = self.resources.numbers
        self.step_depths += depths
        self.step_actions += [self.actions.numbers[action] for action in actions]
        self.step_resources += [ABSENT if one is None else resources[one] for one in touched]
        self.step_services += [self.services.numbers[kind] for kind, _, _ in actions]
        self.step_starts += [is_start(name, kind) for kind, name, _ in actions]
        self.step_calls += [kind not in NO_RESOURCE_TYPES for kind, _, _ in actions]

    def action_and_resource(self, event: Event) -> tuple[int, int]:
        """The numbers of what an event does and of what it touches, each 0 where never met."""
        return self.parts_of(event.event_type, event.event_name, event.event_target_resource)

    def parts_of(self, kind: str, name: str, target: str | None) -> tuple[int, int]:
        """The same by event type, event name and target."""
        action = self.actions.numbers.get((kind, name, target), UNKNOWN)
        if target is None or kind in NO_RESOURCE_TYPES:
            return action, ABSENT
        return action, self.resources.numbers.get((kind, target), UNKNOWN)

    def put_in_groups(self, names: Sequence[str], of: Sequence[int]) -> None:
        """Puts each function number in the group that `of` says, those past its end in none.

        Raises ValueError where a group has no name.
        """
        if any(not NO_GROUP <= int(number) <= len(names) for number in of):
            raise ValueError("a function is in a group without a name")
        self.groups = [str(name) for name in names]
        self.function_groups = [int(number) for number in of]

    def group_of(self, key: FunctionKey) -> int:
        """The number of a function's group, 0 for none."""
        number = self.functions.numbers.get(key, UNKNOWN)
        return self.function_groups[number] if number < len(self.function_groups) else NO_GROUP

    def to_json(self) -> dict[str, Any]:
        """The vocabulary as plain lists."""
        return {
            "functions": self.functions.words,
            "steps": self.steps.words,
            "triggers": self.triggers.words,
            "groups": self.groups,
            "function_groups": self.function_groups,
            "callers": self.callers.words,
            "versions": self.versions.words,
            "names": self.naming.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Any) -> Vocabulary:
        """The vocabulary of plain lists; raises `BundleError` where they are not what `to_json` gives."""
        vocabulary = cls()
        try:
            vocabulary.functions = Words(msgspec.convert(raw["functions"], list[FunctionKey]))
            vocabulary._learn_steps(msgspec.convert(raw["steps"], list[Step]))
            for name in ("triggers", "callers", "versions"):
                setattr(vocabulary, name, Words(msgspec.convert(raw[name], list[str])))
            vocabulary.naming = Naming.from_json(raw.get("names", []))
            vocabulary.put_in_groups(raw.get("groups", []), raw.get("function_groups", [NO_GROUP]))
        except (KeyError, TypeError, ValueError, msgspec.ValidationError) as error:
            raise BundleError(f"The bundle's vocabulary is damaged ({error!r}); train again.") from None
        return vocabulary
