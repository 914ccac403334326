"""Signals → alerts: each thing told once, whole, however often it was signalled; and what is no alert by
itself, for cases."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from math import inf, log

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coldtrail.alerts.attack import technique_named
from coldtrail.alerts.building import Draft, Judgement, Span, StepWords, Words, alert_id, built
from coldtrail.alerts.showing.plain import plain, short
from coldtrail.alerts.wording import commands
from coldtrail.alerts.wording.amounts import in_words, moment
from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.alerts.wording.measures import amount, period, prices, within
from coldtrail.alerts.wording.phrases import step
from coldtrail.records.alert import Alert, Evidence, Severity
from coldtrail.records.next_step import Command
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.traits import Quantity, Trait, Traits
from coldtrail.records.verdict import Reason

MOST_REFS = 100
KEPT_S = 30 * 86_400.0
"""How long a weak signal is kept: far longer than any case waits for it."""
MOST_WEAK = 50_000
"""Weak signals that are kept: whoever makes a flood of them takes no more memory than these."""
_LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")
_LONGEST = 200
_MOST_NAMED = 2
_MOVED = {"sent": "sent", "received": "read", "traffic": "sent"}
"""What a function did with bytes that are measured."""


class SignalKind(Struct, frozen=True):
    """How alerts of a kind are told."""

    title: str
    severity: Severity
    next_steps: tuple[str | StepWords, ...]
    technique: str = ""
    why: str = ""
    weak: Severity = "low"
    """The severity of what is not told by itself."""


class _Rules(Struct, frozen=True):
    kinds: dict[str, SignalKind]


def kind_told(kind: str) -> SignalKind:
    """How a kind of finding is told, or what stands for all that are not named."""
    kinds = _rules().kinds
    return kinds.get(kind, kinds["other"])


def is_named(kind: str) -> bool:
    """Whether `data/signals.toml` says how a kind of finding is told."""
    return kind in _rules().kinds


def id_of(signal: Signal) -> str:
    """The id of what a signal says: the same for all that say the same of the same subject."""
    finding = signal.finding
    return alert_id(finding.subject, finding.kind, finding.key.thing)


class Signalled:
    """Holds signals, by what they say, and tells those that are alerts by themselves."""

    def __init__(self) -> None:
        self._signals: dict[str, list[Signal]] = {}
        self._weak = 0
        self.forgotten = 0
        """Weak signals so far that were more than are kept."""

    def push(self, batch: Iterable[Signal]) -> list[Alert]:
        """Takes signals; tells nothing yet."""
        for signal in batch:
            self._signals.setdefault(id_of(signal), []).append(signal)
            self._weak += not signal.alone
        if self._weak > MOST_WEAK:
            self._forget()
        return []

    def _forget(self) -> None:
        """Keeps nine in ten of the weak signals that may be kept, the latest."""
        weak = sorted((one for some in self._signals.values() for one in some if not one.alone), key=_moment)
        last = _moment(weak[len(weak) - MOST_WEAK * 9 // 10 - 1])
        for of, some in list(self._signals.items()):
            kept = [one for one in some if one.alone or _moment(one) > last]
            if kept:
                self._signals[of] = kept
            else:
                del self._signals[of]
        left = sum(not one.alone for some in self._signals.values() for one in some)
        self.forgotten += self._weak - left
        self._weak = left

    def advance(self, watermark: float) -> list[Alert]:
        """Lets go of weak signals that no case can wait for any more; at the end of all input, cases are made
        of what is there."""
        if watermark == inf:
            return []
        for of, some in list(self._signals.items()):
            if not any(one.alone for one in some) and max(one.at for one in some) < watermark - KEPT_S:
                self._weak -= len(some)
                del self._signals[of]
        return []

    def alerts(self) -> list[Alert]:
        """All alerts so far."""
        return [alert_of(some) for some in self._signals.values() if any(one.alone for one in some)]

    def signals(self) -> list[Signal]:
        """All signals that are kept, by their moments."""
        return sorted((one for some in self._signals.values() for one in some), key=_moment)

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        return {"signals": packed(self.signals())}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self._signals, self._weak = {}, 0
        self.push(unpacked(state, "signals", list[Signal]))


def _moment(signal: Signal) -> tuple[float, str]:
    return signal.at, id_of(signal)


def alert_of(signals: Sequence[Signal]) -> Alert:
    """The alert of signals that say the same."""
    strongest = max(signals, key=lambda one: (one.alone, one.strength, -one.at))
    finding, kind = strongest.finding, kind_told(strongest.finding.kind)
    refs = list(dict.fromkeys(ref for one in (strongest, *signals) for ref in one.refs))[:MOST_REFS]
    alone = [one for one in signals if one.alone] or list(signals)
    chance = 10.0 ** -min(strongest.strength, 300.0)
    evidence = [_evidence(ref) for ref in refs]
    return built(
        Draft(
            kind=finding.kind,
            subject=finding.subject,
            thing=finding.key.thing,
            severity=kind.severity,
            words=Words(
                kind.title, kind.next_steps, _names(strongest), _amounts(strongest), _commands(strongest)
            ),
            span=Span(
                min(one.since for one in signals),
                max(one.at for one in signals),
                min(one.at for one in alone),
                sum(one.count for one in signals),
            ),
            judgement=Judgement(chance, detectors=(strongest.detector,)),
            reasons=(_reason(strongest),),
            finding=finding,
            runs=evidence,
            look_at=evidence[0] if evidence else Evidence("", ""),
            flow=None,
            technique=technique_named(kind.technique) if kind.technique else None,
            rationale=kind.why,
        )
    )


def title_of(signal: Signal) -> str:
    """What a signal says, in one line, safe to show as plain text."""
    kind = kind_told(signal.finding.kind)
    return kind.title.format_map({**_names(signal), **_amounts(signal)})


def _evidence(ref: Ref) -> Evidence:
    if ref.kind == "flow":
        return Evidence(ref.id, "")
    return Evidence("", ref.id) if ref.kind == "trace" else Evidence("", "", ref.id)


def _reason(signal: Signal) -> Reason:
    finding = signal.finding
    return Reason(
        finding,
        signal.refs[0].id if signal.refs else None,
        finding.step.action if finding.step else finding.subject.function_name,
        finding.step.target if finding.step else None,
        signal.strength * log(10.0),
    )


def _names(signal: Signal) -> dict[str, str]:
    """What stands for the names in braces of `data/signals.toml` that telemetry chose."""
    finding = signal.finding
    of = finding.subject
    what = finding.seen
    value = what.value if isinstance(what, Trait) else ""
    if isinstance(what, Traits) and what.traits:
        what = what.traits[0]
        value = what.value
    if isinstance(what, Trait) and what.what == "role":
        value = value.rpartition("/")[2]
    return {
        "function": _whose(signal),
        "application": short(of.application_name),
        "principal": plain(of.principal or "somebody"),
        "account": plain(of.account),
        "value": short(value),
        "target": short((finding.step.target if finding.step else None) or value or "what it reached"),
        "step": short(step(finding.step.action, finding.step.target)) if finding.step else "a call",
        "expected": short(expected(finding) or "something else", _LONGEST),
        "seen": short(seen(finding) or "something", _LONGEST),
    }


def _whose(signal: Signal) -> str:
    """The function, or how many functions there are, or the account."""
    of = signal.finding.subject
    if of.function_name:
        return short(of.function_name)
    names = [short(key[3]) for key in signal.functions]
    return in_words(names, _MOST_NAMED) if names else short(of.application_name) or "the account"


def _amounts(signal: Signal) -> dict[str, str]:
    """What stands for the other names in braces there."""
    usual, what = signal.finding.expected, signal.finding.seen
    times = more = ""
    if isinstance(usual, Quantity) and isinstance(what, Quantity):
        more = amount(replace(what, value=max(0.0, what.value - usual.value)))
        times = f"{what.value / usual.value:,.1f}".removesuffix(".0") if usual.value > 0 else ""
    return {
        "amount": amount(what) if isinstance(what, Quantity) else "",
        "usual": amount(usual) if isinstance(usual, Quantity) else "",
        "period": period(what) if isinstance(what, Quantity) else "",
        "prices": prices(what) if isinstance(what, Quantity) else "",
        "times": times,
        "more": more,
        "moved": _MOVED.get(what.of, "moved") if isinstance(what, Quantity) else "",
        "within": within(what) if isinstance(what, Quantity) else "",
        "count": f"{signal.count:,}",
        "since": moment(signal.since),
        "functions": f"{len(signal.functions):,}",
    }


def _commands(signal: Signal) -> dict[str, Command | None]:
    of = signal.finding.subject
    region, around = of.region or None, commands.around(signal.at)
    if not of.function_name:
        return {}
    return {
        "trail_function": commands.of_function(of.function_name, commands.until(signal.at), region),
        "trail_session": commands.session(of.function_name, around, region),
        "deployed": commands.deployed(of.function_name, region),
        "policy": commands.policy(of.function_name, region),
        "mappings": commands.mappings(of.function_name, region),
    }


@cache
def _rules() -> _Rules:
    text = (files("coldtrail.alerts") / "data" / "signals.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
