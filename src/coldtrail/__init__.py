"""Coldtrail: behavioural intrusion detection for serverless functions.

The verbs of the command line as functions: `train`, `update`, `score`, `evaluate`, `explain`, `inspect`,
`show_bundle` for `bundle show`, `demo`, and `record` for `testbed record` (these two need the extra
`testbed`), and `reproduce` (which needs `deep` and `report` too).
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
    "demo": "coldtrail_lab.demo",
    "evaluate": "coldtrail.verbs.evaluating",
    "explain": "coldtrail.verbs.explaining",
    "inspect": "coldtrail.verbs.inspecting",
    "load_settings": "coldtrail.config",
    "record": "coldtrail_testbed.recorder",
    "reproduce": "coldtrail_lab.reproduce",
    "score": "coldtrail.verbs.scoring",
    "show_bundle": "coldtrail.verbs.showing",
    "train": "coldtrail.verbs.training",
    "update": "coldtrail.verbs.updating",
}


def __getattr__(name: str) -> Any:
    """The public name, imported when first used: `import coldtrail` alone stays fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'coldtrail' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
