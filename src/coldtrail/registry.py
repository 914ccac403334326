"""The members of each family by name; the only dynamic import of Coldtrail.

To add a member: write its file, add its line here, and the family's contract tests run on it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from coldtrail.errors import ConfigError

FORMATS = {
    "xray": "coldtrail.formats.xray.parser:XRayParser",
    "native": "coldtrail.formats.native:NativeParser",
}
DETECTORS = {
    "sequence": "coldtrail.detectors.sequence:SequenceDetector",
    "timing": "coldtrail.detectors.timing:TimingDetector",
    "novelty": "coldtrail.detectors.novelty:NoveltyDetector",
    "presence": "coldtrail.detectors.presence:PresenceDetector",
    "autoencoder": "coldtrail.detectors.autoencoder:BudgetedAutoencoder",
    "autoencoder-paper": "coldtrail.detectors.autoencoder:PaperAutoencoder",
}


def load(family: dict[str, str], name: str, noun: str) -> Any:
    """The member of a family by its name; raises `ConfigError` that lists the known names."""
    if name not in family:
        known = ", ".join(sorted(family))
        raise ConfigError(f"There is no {noun} called {name!r}; the known ones are: {known}.")
    module, _, attribute = family[name].partition(":")
    return getattr(import_module(module), attribute)
