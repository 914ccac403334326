"""Detectors with one of their channels silent, for ablations."""

from __future__ import annotations

from typing import Any

from coldtrail.config import Settings
from coldtrail.detectors.detector import Contributions
from coldtrail.features.batch import Encoded, Floats
from coldtrail.registry import DETECTORS, load

_MADE: dict[str, type] = {}


def channels() -> list[tuple[str, str]]:
    """Each default detector with each of its channels."""
    names = Settings().detection.detectors
    return [(name, one.name) for name in names for one in load(DETECTORS, name, "detector").channels]


def muted(detector: str, channel: str) -> str:
    """The name, in the registry, of a detector that says nothing in a channel."""
    name = f"{detector}-without-{channel}"
    if name not in DETECTORS:
        kind = load(DETECTORS, detector, "detector")
        _MADE[name] = _silent(kind, [one.name for one in kind.channels].index(channel))
        DETECTORS[name] = f"{__name__}:{name}"
    return name


def _silent(kind: Any, column: int) -> type:
    class Silent(kind):  # type: ignore[misc]
        """The detector; the column of its scores is zero."""

        def score(self, flows: Encoded) -> Floats:
            scores: Floats = super().score(flows)
            scores[:, column] = 0.0
            return scores

        def explain(self, flows: Encoded) -> Contributions:
            found: Contributions = super().explain(flows)
            found.steps[:, column] = 0.0
            found.whole[:, column] = 0.0
            return found

    return Silent


def __getattr__(name: str) -> type:
    """A detector made before, as the registry asks for it."""
    if name not in _MADE:
        raise AttributeError(name)
    return _MADE[name]
