"""The groups of functions that a bundle knows: by behaviour, and by what is known of them."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from coldtrail.bundle.folder import read_profiles
from coldtrail.bundle.manifest import Learned, Manifest
from coldtrail.learning.behaviour_groups import STABLE, UNKNOWN, Daily, members_by, told_attributes
from coldtrail.learning.group_stability import figure_of_group, figures_by
from coldtrail.learning.groups import kind_of_caller
from coldtrail.records.identity import FunctionKey

DAY_S = 86_400.0


class KnownGroup(Struct, frozen=True):
    """Functions that behave alike, and lend each other history."""

    number: int
    name: str
    functions: list[str]
    flows: int
    stability: float | None = None
    """How much of it other days would bring again, 0 to 1 (mean Jaccard index over drawings of days); None
    where there are too few days to tell, or one function."""


class AlikeFunctions(Struct, frozen=True):
    """Functions of which the same is known."""

    values: tuple[str, ...]
    functions: list[str]


class KnownGrouping(Struct, frozen=True):
    """Functions by what is known of them, as `trigger` and `traffic`."""

    by: tuple[str, ...]
    groups: list[AlikeFunctions]
    rand: float
    """Mean adjusted Rand index of the groups and those of drawings of days; 1 where these are the same."""
    kept: float
    """Mean share of the functions that stay in their group."""
    is_stable: bool
    """Whether it is fit to lend from: both are .75 at least."""


def known_groups(manifest: Manifest, shown: set[int]) -> list[KnownGroup]:
    """The groups of the functions shown, all their members named."""
    members: dict[int, list[Learned]] = {}
    for one in manifest.functions:
        members.setdefault(one.group, []).append(one)
    return [
        KnownGroup(
            number,
            manifest.groups[number - 1],
            [path(one.key) for one in members[number]],
            sum(one.flows for one in members[number]),
            manifest.metrics.get(figure_of_group(number)),
        )
        for number in sorted(shown & members.keys())
        if 0 < number <= len(manifest.groups)
    ]


def known_groupings(folder: Path, manifest: Manifest) -> list[KnownGrouping]:
    """The functions of a bundle by known attributes, the most stable first; none where it does not know how
    stable they are."""
    if not any(name.startswith("groups_rand_by_") for name in manifest.metrics):
        return []
    functions = _daily(folder, manifest)
    found = []
    for by in told_attributes(functions):
        rand = manifest.metrics.get("groups_rand" + figures_by(by))
        kept = manifest.metrics.get("groups_kept" + figures_by(by))
        if rand is None or kept is None:
            continue
        members = members_by(functions, by, 1)
        groups = [AlikeFunctions(values, [path(key) for key in keys]) for values, keys in members.items()]
        found.append(KnownGrouping(by, groups, rand, kept, min(rand, kept) >= STABLE))
    return sorted(found, key=lambda one: (-one.rand, one.by))


def _daily(folder: Path, manifest: Manifest) -> list[Daily]:
    """The functions as on one usual day."""
    days = max((manifest.last_start - manifest.first_start) / DAY_S, 1.0)
    found = []
    for profile in read_profiles(folder):
        runs: dict[str, list[float]] = {}
        for trigger, part in profile.triggers or ((UNKNOWN, 1.0),):
            runs.setdefault(kind_of_caller(trigger) or UNKNOWN, [0.0])[0] += part * profile.flows / days
        found.append(Daily(profile.key, runs))
    return found


def path(key: FunctionKey) -> str:
    """`ACCOUNT/REGION/APPLICATION/NAME`; `APPLICATION/NAME` where neither account nor region is known."""
    return "/".join(key if key.account or key.region else key[2:])
