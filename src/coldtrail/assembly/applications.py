"""Which application a function belongs to, by the rules of the settings."""

from __future__ import annotations

import re
from typing import Protocol

from coldtrail.assembly.patterns import Pattern
from coldtrail.config import DEFAULT_APPLICATION_RULES, ApplicationRule, ApplicationSettings
from coldtrail.errors import ConfigError
from coldtrail.features.names.masking import clean

_MAX_CACHED = 50_000
_MAX_MATCHED_CHARS = 256
"""Function names are at most 64 characters, 140 with an alias; rules never see more than this."""


class Found(Protocol):
    """How a name matched."""

    def expand(self, template: str) -> str:
        """The template, its references to groups replaced."""
        ...


class Matching(Protocol):
    """A regular expression: Python's own for the rules that stand here, a bounded one for all others."""

    def fullmatch(self, text: str) -> Found | None:
        """How a whole name matches, None where it does not."""
        ...


class Applications(dict[str, str]):
    """Applications by function name: `applications[function]`, computed once and kept within a bound.

    Raises `ConfigError` for a rule that cannot work, or not in bounded time.
    """

    def __init__(self, settings: ApplicationSettings) -> None:
        super().__init__()
        rules: list[tuple[Matching, str]] = [(_safe(rule), rule.application) for rule in settings.rules]
        rules += [(re.compile(rule.functions), rule.application) for rule in DEFAULT_APPLICATION_RULES]
        self._rules = rules
        self._default = settings.default

    def __missing__(self, function_name: str) -> str:
        if len(self) >= _MAX_CACHED:
            self.clear()
        application = self[function_name] = self._first_match(function_name[:_MAX_MATCHED_CHARS])
        return application

    def _first_match(self, function_name: str) -> str:
        for pattern, application in self._rules:
            found = pattern.fullmatch(function_name)
            if found is not None:
                named = found.expand(application)
                return clean(named) if named else self._default
        return self._default


def check_rules(settings: ApplicationSettings) -> None:
    """Raises `ConfigError` for a rule that cannot work, or not in bounded time."""
    for rule in settings.rules:
        _safe(rule)


def _safe(rule: ApplicationRule) -> Pattern:
    try:
        pattern = Pattern(rule.functions)
        pattern.check(rule.application)
    except ValueError as error:
        raise ConfigError(f"applications.rules: {rule.functions!r}, {rule.application!r}: {error}.") from None
    return pattern
