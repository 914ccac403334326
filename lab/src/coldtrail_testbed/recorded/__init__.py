"""Recorded runs that ship with the package."""

from pathlib import Path

from coldtrail_testbed.errors import TestbedError

_FOLDER = Path(__file__).parent
_SUFFIX = ".jsonl.gz"


def recorded_names() -> list[str]:
    """The names of the shipped runs."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in _FOLDER.glob(f"*{_SUFFIX}"))


def recorded_run(name: str) -> Path:
    """The path of the shipped run `name`: X-Ray, one `BatchGetTraces` trace a line, compressed.

    The JSON file of the same name beside it says how the run was made.
    """
    path = _FOLDER / f"{name}{_SUFFIX}"
    if not path.is_file():
        known = ", ".join(recorded_names())
        raise TestbedError(f"there is no recorded run {name!r}; choose one of: {known}")
    return path
