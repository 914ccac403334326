"""Raw names to those that a flow shows: without random parts, and resources as their owners call them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from coldtrail.features.names.masking import Names, normalise
from coldtrail.records.columns import ToldStep
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import SEVERAL

ANYWHERE = None
"""The home from which no account looks foreign."""

_MAX_KEPT = 50_000
_MAX_KEPT_CHARS = 512

Home = str | None
Raw = tuple[Home, str, str | None, str | None]
"""Account of the function; the step's name, its parent's, and its target."""
Masked = tuple[str, str | None, str | None]
"""The step's name, its parent's, and its target."""


class Masking:
    """Masks names, each combination worked out once and kept within a bound."""

    def __init__(self, max_chars: int) -> None:
        self.names = Names(max_chars)
        self.resources = _Resources(max_chars)
        """Resources by address, as their own account calls them."""
        self._steps = _MaskedSteps(self.names)
        self._told: dict[tuple[Home, ToldStep], ToldStep] = {}

    def steps(self, steps: Sequence[Event], home: Home) -> list[Event]:
        """The steps as functions of the account show them."""
        masked = self._steps
        return [
            step
            if (told := masked[home, step.event_name, step.event_parent_name, step.event_target_resource])
            is None
            else _renamed(step, told)
            for step in steps
        ]

    def told(self, steps: Sequence[ToldStep], home: Home) -> tuple[ToldStep, ...]:
        """What is told of steps, as functions of the account show it."""
        known = self._told
        return tuple([known.get((home, step)) or self._shown(home, step) for step in steps])

    def _shown(self, home: Home, step: ToldStep) -> ToldStep:
        masked = self._steps[home, step.name, step.parent_name, step.target]
        shown = step
        if masked is not None:
            name, parent_name, target = masked
            shown = step._replace(name=name, parent_name=parent_name, target=target)
        if sum([len(part) for part in step[:4] if part is not None]) <= _MAX_KEPT_CHARS:
            if len(self._told) >= _MAX_KEPT:
                self._told.clear()
            self._told[home, step] = shown
        return shown


class _MaskedSteps(dict[Raw, Masked | None]):
    """What steps are shown as; None where nothing changes."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, raw: Raw) -> Masked | None:
        home, name, parent, target = raw
        names = self._names
        shown = (
            names[name],
            None if parent is None else names[parent],
            None if target is None else self._target(target, home),
        )
        masked = None if shown == raw[1:] else shown
        if sum([len(part) for part in raw if part is not None]) <= _MAX_KEPT_CHARS:
            if len(self) >= _MAX_KEPT:
                self.clear()
            self[raw] = masked
        return masked

    def _target(self, target: str, home: Home) -> str:
        if SEVERAL in target:
            return ",".join(sorted(self._target(one, home) for one in target.split(SEVERAL)))
        return self._names[short_name(target, home)]


class _Resources(Names):
    def __missing__(self, name: str) -> str:
        several = [normalise(short_name(one, ANYWHERE), self._max_chars) for one in name.split(SEVERAL)]
        return self._keep(name, ",".join(sorted(several)))


def _renamed(step: Event, masked: Masked) -> Event:
    name, parent, target = masked
    return replace(step, event_name=name, event_parent_name=parent, event_target_resource=target)


def short_name(address: str, home: Home) -> str:
    """The resource's own name from an ARN, after its account where that is not `home`.

    `arn:aws:sns:eu-west-1:123456789012:orders` is `orders` at home and `123456789012:orders` elsewhere: a
    foreign account stays visible. So it does where the home is not known (empty), but not from `ANYWHERE`.
    """
    parts = address.split(":", 5) if address.startswith("arn:") else ()
    if len(parts) < 6 or not parts[5]:
        return address
    account, resource = parts[4], parts[5]
    if parts[2] not in ("s3", "sns", "sqs"):
        # `table/Orders`, `stateMachine:Orders`, `secret:orders`; an execution or a version may follow.
        resource = _after_kind(resource)
    return resource if account in ("", home) or home is ANYWHERE else f"{account}:{resource}"


def _after_kind(resource: str) -> str:
    for separator in ("/", ":"):
        kind, found, rest = resource.partition(separator)
        if found and kind.replace("-", "").isalpha() and rest:
            return rest
    return resource
