"""Coldtrail: behavioural intrusion detection for serverless functions.

The verbs of the command line as functions: `train`, `update`, `score`, `evaluate`, `explain`, `inspect`, and
`show_bundle` for `bundle show`. With the distribution coldtrail-lab also `demo`, `record` for `testbed
record`, and `reproduce` (which needs the extra `deep` too).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from coldtrail.version import __version__

if TYPE_CHECKING:
    from coldtrail.config import Settings, load_settings
    from coldtrail.errors import ColdtrailError
    from coldtrail.verbs.evaluating import evaluate
    from coldtrail.verbs.explaining import explain
    from coldtrail.verbs.flowing import flows
    from coldtrail.verbs.inspecting import inspect
    from coldtrail.verbs.scoring import score
    from coldtrail.verbs.showing import show_bundle
    from coldtrail.verbs.training import train
    from coldtrail.verbs.updating import update

__all__ = [
    "ColdtrailError",
    "Settings",
    "__version__",
    "demo",
    "evaluate",
    "explain",
    "flows",
    "inspect",
    "load_settings",
    "record",
    "reproduce",
    "score",
    "show_bundle",
    "train",
    "update",
]

_HOMES = {
    "ColdtrailError": "coldtrail.errors",
    "Settings": "coldtrail.config",
    "evaluate": "coldtrail.verbs.evaluating",
    "explain": "coldtrail.verbs.explaining",
    "flows": "coldtrail.verbs.flowing",
    "inspect": "coldtrail.verbs.inspecting",
    "load_settings": "coldtrail.config",
    "score": "coldtrail.verbs.scoring",
    "show_bundle": "coldtrail.verbs.showing",
    "train": "coldtrail.verbs.training",
    "update": "coldtrail.verbs.updating",
}
_LABORATORY = ("demo", "record", "reproduce")


def __getattr__(name: str) -> Any:
    """The public name, imported when first used: `import coldtrail` alone stays fast."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _LABORATORY:
        return import_module("coldtrail.registry").of_laboratory(name)
    raise AttributeError(f"module 'coldtrail' has no attribute {name!r}")
