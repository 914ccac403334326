"""Which application a function belongs to, by the rules of the settings."""

from __future__ import annotations

import re

from coldtrail.config import DEFAULT_APPLICATION_RULES, ApplicationRule, ApplicationSettings
from coldtrail.errors import ConfigError
from coldtrail.features.names.masking import clean

_MAX_CACHED = 50_000
_MAX_MATCHED_CHARS = 256
"""Function names are at most 64 characters, 140 with an alias; rules never see more than this."""


class Applications(dict[str, str]):
    """Applications by function name: `applications[function]`, computed once and kept within a bound.

    Raises `ConfigError` for a rule whose application refers to a group that its pattern lacks.
    """

    def __init__(self, settings: ApplicationSettings) -> None:
        super().__init__()
        rules = (*settings.rules, *DEFAULT_APPLICATION_RULES)
        self._rules = [(_compiled(rule), rule.application) for rule in rules]
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


def _compiled(rule: ApplicationRule) -> re.Pattern[str]:
    try:
        pattern = re.compile(rule.functions)
        pattern.sub(rule.application, "")
    except (re.error, IndexError) as error:
        raise ConfigError(f"applications.rules: {rule.functions!r}, {rule.application!r}: {error}.") from None
    return pattern
