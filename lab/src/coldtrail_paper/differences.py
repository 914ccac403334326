"""In what the experiment here differs from the paper's, as plain sentences."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from coldtrail_paper.plan import FUNCTIONS, Plan


def differences(plan: Plan, any_size: bool) -> tuple[str, ...]:
    """The sentences of `data/differences.toml`, and before them one on sizes that are not the paper's."""
    text = (files("coldtrail_paper") / "differences.toml").read_text(encoding="utf-8")
    named = {application: ", ".join(names) for application, names in FUNCTIONS.items()}
    raw = tomllib.loads(text)
    always = [_line(sentence).format(**named) for sentence in raw["always"]]
    if any_size:
        return (_line(raw["given"]), *always)
    if plan.quick:
        sizes = {f"{run.application}_visits": f"{run.visits:,}" for run in plan.runs if run.part == "train"}
        return (_line(raw["quick"]).format(**sizes), *always)
    return tuple(always)


def _line(sentence: str) -> str:
    return " ".join(sentence.split())
