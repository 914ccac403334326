"""What a source needs beyond Coldtrail itself, looked for before it is used."""

from __future__ import annotations

from importlib.util import find_spec

from coldtrail.errors import ConfigError


def require(source: str, extra: str, *modules: str) -> None:
    """Raises `ConfigError`, with what to install, where one of the modules is missing."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ConfigError(
            f"The source {source!r} needs {', '.join(missing)}, which is not installed; "
            f"`pip install 'coldtrail[{extra}]'` brings it."
        )
