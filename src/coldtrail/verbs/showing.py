"""The verb `bundle show`: what a bundle has learned, function by function, and how often it will err."""

from __future__ import annotations

import time
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from msgspec import Struct, field, structs

from coldtrail.bundle.folder import read_baselines, read_feedback, read_profiles
from coldtrail.bundle.manifest import Learned, Manifest, read_manifest
from coldtrail.bundle.model import channels_of, new_detectors
from coldtrail.bundle.plausible import check_plausible
from coldtrail.config import Settings
from coldtrail.errors import ConfigError
from coldtrail.learning.excusing import exceptions_of, excusing_much
from coldtrail.records.identity import FunctionKey, OfFunction
from coldtrail.records.profile import Profile
from coldtrail.verbs.known_groups import KnownGroup, KnownGrouping, known_groupings, known_groups
from coldtrail.verbs.reading import PathLike

State = Literal["learning", "ready"]
DAY_S = 86_400.0
LEAST_SPAN_S = 3_600.0
"""A history that spans less says nothing of a day."""


class KnownFunction(OfFunction, frozen=True, kw_only=True):
    """What a bundle knows of a function."""

    group: int
    """The number of its group, 0 for none."""
    flows: int
    """Learned."""
    state: State
    """`learning` while its verdict is `not_ready`."""
    ready_flows: int
    """Flows from which it is judged."""
    threshold: float
    """The score above which a run is anomalous."""
    one_in: float | None
    """The threshold as odds: the strangest thing about a run is alarming where fewer than one run in so many
    shows the like; None where the detectors' own rules decide."""
    runs_a_day: float | None
    """None where the history is too short to tell."""
    false_alarms_a_day: float | None
    """Expected: the budget's share of its runs, and what is held back; 0 while it is not judged."""
    exceptions: int = 0
    """Things that people called legitimate: what is like them does not alarm."""
    held_back: int = 0
    """Flows that are not learned, but alarm when their like comes again, until a person calls them benign."""
    versions: tuple[str, ...] = ()
    """Learned; none where the telemetry names none."""
    last_start: float | None = None
    """Start of the latest of its flows that the bundle keeps, UTC epoch seconds; None where it keeps none."""
    needs: dict[str, str] = field(default_factory=dict)
    """What detectors of signals still need of it, a sentence each; those that judge it are left out."""


class BundleView(Struct, frozen=True, kw_only=True):
    """What a bundle holds."""

    bundle: str
    coldtrail_version: str
    format_version: int
    seed: int
    settings: Settings
    flows: int
    first_start: float
    """Start of the earliest flow learned, UTC epoch seconds."""
    last_start: float
    age_s: float
    """Since the latest flow learned, in seconds; never negative."""
    metrics: dict[str, float]
    pseudonym_key: str | None = None
    """Fingerprint of the key that its pseudonyms were made with; None where it has met none."""
    origin: Literal["unsigned"] = "unsigned"
    """Whether it shows who made it. Its hashes, which are compared whenever it is used, show only that it is
    whole: it is to be trusted as far as where it comes from is."""
    groups: list[KnownGroup]
    functions: list[KnownFunction]
    groupings: list[KnownGrouping] = []
    """Of all functions by known attributes, the most stable first; none where there are too few days to tell
    how stable they are, or one function was asked for."""
    false_alarms_a_day: float | None
    """Expected of all functions together."""
    warnings: list[str] = []
    """Where exceptions excuse so much that little is left to alarm, a sentence each."""
    followed: dict[str, int] = {}
    """By detector of signals, how many of the functions it judges; none where nothing is followed."""
    profiles: list[Profile] = []
    """How the functions that were asked for usually run."""


def show_bundle(bundle: PathLike, function: str | None = None, *, now: float | None = None) -> BundleView:
    """What a bundle holds, or what it knows of one function: `NAME`, `APPLICATION/NAME` or
    `ACCOUNT/REGION/APPLICATION/NAME`.

    `now`, in UTC epoch seconds, is the time that the bundle's age is counted to: this moment, if not given.
    Raises `BundleError` for what is no bundle and `ConfigError` for a function that it never met.
    """
    folder = Path(bundle)
    manifest = read_manifest(folder)
    check_plausible(folder, manifest)
    feedback = read_feedback(folder)
    excepted = exceptions_of(feedback)
    functions = [structs.replace(one, exceptions=excepted[one.key]) for one in _functions(manifest)]
    warnings = excusing_much(feedback, [one.key for one in functions])
    functions, followed = _with_needs(folder, functions)
    profiles: list[Profile] = []
    if function is not None:
        functions = _asked_for(functions, function)
        asked = {one.key for one in functions}
        profiles = [one for one in read_profiles(folder) if one.key in asked]
    return BundleView(
        bundle=str(bundle),
        coldtrail_version=manifest.coldtrail_version,
        format_version=manifest.format_version,
        seed=manifest.seed,
        settings=manifest.settings,
        flows=manifest.flows,
        first_start=manifest.first_start,
        last_start=manifest.last_start,
        age_s=max((time.time() if now is None else now) - manifest.last_start, 0.0),
        metrics=manifest.metrics,
        pseudonym_key=manifest.pseudonym_key,
        groups=known_groups(manifest, {one.group for one in functions}),
        groupings=[] if function is not None else known_groupings(folder, manifest),
        functions=functions,
        false_alarms_a_day=_sum(functions),
        warnings=[*warnings],
        followed=followed,
        profiles=profiles,
    )


def _with_needs(
    folder: Path, functions: Sequence[KnownFunction]
) -> tuple[list[KnownFunction], dict[str, int]]:
    """The functions with what detectors of signals still need of them, and how many each of these judges."""
    signalling = read_baselines(folder)
    if signalling is None:
        return list(functions), {}
    needs = signalling.not_ready()
    known = [structs.replace(one, needs=needs.get(one.key, {})) for one in functions]
    names = [detector.name for detector in signalling.detectors]
    return known, {name: sum(name not in one.needs for one in known) for name in names}


def false_alarms_a_day(manifest: Manifest) -> float | None:
    """How many false alarms a day a bundle expects of all its functions; None where it cannot tell."""
    return _sum(_functions(manifest))


def _sum(functions: Sequence[KnownFunction]) -> float | None:
    alarms = [one.false_alarms_a_day for one in functions]
    return None if None in alarms else sum(one or 0.0 for one in alarms)


def _functions(manifest: Manifest) -> list[KnownFunction]:
    span = manifest.last_start - manifest.first_start
    days = span / DAY_S if span >= LEAST_SPAN_S else None
    channels = channels_of(new_detectors(manifest.settings.detection.detectors))
    budgeted = not all(channel.has_own_threshold for channel in channels)
    return [_known(manifest, one, days, budgeted) for one in manifest.functions]


def _known(manifest: Manifest, one: Learned, days: float | None, budgeted: bool) -> KnownFunction:
    detection, threshold = manifest.settings.detection, manifest.threshold
    flows, held = one.flows, one.held_back
    ready = flows >= detection.ready_flows
    alarms = None if days is None or not budgeted else (flows * detection.budget + held) / days * ready
    return KnownFunction(
        *one.key,
        group=one.group,
        flows=flows,
        state="ready" if ready else "learning",
        ready_flows=detection.ready_flows,
        threshold=threshold,
        one_in=10.0 ** min(threshold, 300.0) if budgeted else None,
        runs_a_day=None if days is None else (flows + held) / days,
        false_alarms_a_day=alarms,
        versions=one.versions,
        last_start=one.last_start,
        held_back=held,
    )


def _asked_for(functions: Sequence[KnownFunction], name: str) -> list[KnownFunction]:
    found = [one for one in functions if name in _names(one.key)]
    if found:
        return found
    near = get_close_matches(name, sorted({one.function_name for one in functions}), 3)
    hint = f"near it: {', '.join(near)}" if near else "`coldtrail bundle show` lists all"
    raise ConfigError(f"The bundle knows no function {name!r}; {hint}.")


def _names(key: FunctionKey) -> tuple[str, ...]:
    """All that a function may be asked for by."""
    return key.function, "/".join(key[2:]), "/".join(key)
