"""Settings files: every setting with every value, patterns made to run for ever, and no TOML at all."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import msgspec

import coldtrail
from benchmarks.fuzz import mutations
from benchmarks.fuzz.ground import Ground
from benchmarks.fuzz.judging import count_faults, problems_of
from coldtrail.config import Settings

_PIECES = (
    "a", "[a-z]", ".", "(a|a)", "(a|aa)", "(.*)", "(a*)*", "(a+)+", "[^-]+", "\\w", "\\1", "(?=a)", "^", "$",
    "(?:x|y)?", "a{1,9}", "(?P<n>a)", "-", "(", ")", "*", "+", "?", "{2,}", "|", "\\", "\\b", "(?i)", "é",
)  # fmt: skip


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    config = folder / "coldtrail.toml"
    config.write_bytes(text(random))

    def call() -> list[str]:
        settings = coldtrail.load_settings(config)
        if random.random() < 0.3:
            coldtrail.train(ground.good, folder / "bundle", settings=settings)
        done = coldtrail.score(ground.bundle, ground.good, folder / "out", settings=settings)
        found = coldtrail.flows(ground.good, folder / "flows", settings=settings)
        return count_faults(done.tally) + count_faults(found.tally)

    return problems_of(call, 2**20, may_refuse=True)


def text(random: Random) -> bytes:
    """The bytes of a settings file."""
    raw: Any = msgspec.to_builtins(Settings())
    rule = {"functions": pattern(random), "application": random.choice(("x", "\\1", "\\g<n>", "\\9", ""))}
    raw["applications"]["rules"] = [rule] * random.choice((0, 1, 1, 3))
    if random.random() < 0.7:
        part = random.choice((raw, raw["detection"], raw["limits"], raw["limits"], raw["applications"]))
        mutations.changed(random, part)
    data = "".join(_table(name, part) for name, part in raw.items()).encode("utf-8", "replace")
    return mutations.battered(random, data) if random.random() < 0.15 else data


def pattern(random: Random) -> str:
    """A regular expression, or what is none."""
    return "".join(random.choice(_PIECES) for _ in range(random.randint(1, 12)))


def _table(name: str, part: Any) -> str:
    if not isinstance(part, dict):
        return f"{_word(name)} = {_value(part)}\n"
    lines = [f"{_word(key)} = {_value(value)}" for key, value in part.items()]
    return "\n".join([f"[{_word(name)}]", *lines, ""])


def _word(name: object) -> str:
    return msgspec.json.encode(str(name).encode("utf-8", "replace").decode()).decode()


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_word(key)} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return random_number(value) if value is None else _word(value)


def random_number(_: None) -> str:
    """What TOML knows and JSON does not, where there is nothing."""
    return "nan"
