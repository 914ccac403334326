"""Which part of the paper's recipe matters: each changed alone, several seeds, on the same recorded data.

```
python -m benchmarks.enquiry export --runs r/runs data.npz      # runs of `coldtrail reproduce`
python -m benchmarks.enquiry run data.npz --output enquiry      # resumable; hours on a small machine
python -m benchmarks.enquiry table --output enquiry             # the table of what is done so far
```
`run` needs numpy, msgspec, keras and jax alone, and the folders `src` and `benchmarks`: it can go to a
machine with a GPU. Each variant and seed is a file of its own in the output folder, which is for one file of
data alone.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coldtrail.detectors.autoencoder import DEFAULT, FAITHFUL
from coldtrail.errors import ColdtrailError
from coldtrail_paper.archive import load, save
from coldtrail_paper.dataset import Data
from coldtrail_paper.enquiry import Varied, table, vary
from coldtrail_paper.experiment import FAILED, attempt
from coldtrail_paper.network import Setup, changed, recipe_of, settings_of
from coldtrail_paper.stages import Result, Stages

VARIANTS: dict[str, dict[str, Any]] = {
    "as published": {},
    "tanh cells": {"activation": "tanh"},
    "words without spelling": {"embedding": "hashed"},
    "four times the epochs": {"epochs": 60},
    "log durations": {"scaling": "log"},
    "quantile threshold": {"threshold": "quantile"},
    "a model an application": {"scope": "application"},
    "a model a function": {"scope": "function"},
    "with the function's name": {"function_name": True},
    "rare flows oversampled": {"oversample": True},
    "own recipe": recipe_of(DEFAULT),
}


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description="Which part of the paper's recipe matters.")
    verbs = parser.add_subparsers(required=True)
    export = verbs.add_parser("export", help="the data of recorded runs as one file")
    export.add_argument("--runs", type=Path, required=True)
    export.add_argument("file", type=Path)
    export.set_defaults(run=_export)
    run = verbs.add_parser("run", help="train and judge each variant")
    run.add_argument("file", type=Path)
    run.add_argument("--output", type=Path, required=True)
    run.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS), metavar="NAME")
    run.add_argument(
        "--change", nargs="+", metavar="KEY=VALUE", help="one variant more, of several changes at once"
    )
    run.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    run.add_argument("--epochs", type=int, help="in place of the published 15, for a quick look")
    run.set_defaults(run=_run)
    shown = verbs.add_parser("table", help="the table of what is done")
    shown.add_argument("--output", type=Path, required=True)
    shown.set_defaults(run=_table)
    options = parser.parse_args()
    try:
        options.run(options)
    except ColdtrailError as error:
        print(f"enquiry: {error}", file=sys.stderr)
        return 2
    return 0


def _export(options: argparse.Namespace) -> None:
    from coldtrail_paper.plan import RunPlan, plan
    from coldtrail_paper.reading import read
    from coldtrail_paper.runs import obtain

    def refuse(each: RunPlan, place: Path) -> None:
        sys.exit(f"{place}: there is no such run; `coldtrail reproduce` records it.")

    runs = obtain(plan(), options.runs, refuse, any_size=True)
    save(read(runs), options.file)
    print(f"{options.file}: {options.file.stat().st_size / 2**20:.1f} MiB")


def _run(options: argparse.Namespace) -> None:
    data = load(options.file)
    digest = hashlib.sha256(options.file.read_bytes()).hexdigest()
    stages = Stages(options.output)
    for words in [*VARIANTS.values(), *_together(options.change).values()]:
        changed(FAITHFUL, words)  # a wrong one is told before hours of work
    variants = {name: VARIANTS[name] for name in options.variants} | _together(options.change)
    for seed in options.seeds:
        for name, changes in variants.items():
            changes = ({} if options.epochs is None else {"epochs": options.epochs}) | changes
            one = _varied(stages, digest, data, (name, changes), seed)
            print(f"{name}, seed {seed}: {_told(one)}", flush=True)
            _write_table(options.output)


def _together(words: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """The variant of `--change`, named by its words; values are TOML, or else names."""
    if not words:
        return {}
    changes: dict[str, Any] = {}
    for word in words:
        key, _, value = word.partition("=")
        try:
            changes |= tomllib.loads(f"{key} = {value}")
        except tomllib.TOMLDecodeError:
            changes[key] = value
    return {", ".join(words): changes}


Variant = tuple[str, dict[str, Any]]


def _varied(stages: Stages, digest: str, data: Data, variant: Variant, seed: int) -> Varied | None:
    name, changes = variant
    settings = {"data": digest, "changes": changes, "base": settings_of(Setup(FAITHFUL, seed))}

    def made() -> Result:
        done = attempt(lambda: Result(asdict(vary(changes, data, seed)), {}))
        return Result({"variant": name, **done.facts}, {})

    file = re.sub(r"[^a-z0-9.]+", "-", name)
    return _of(stages.result(f"{file}-{seed}", settings, made).facts)


def _told(one: Varied | None) -> str:
    if one is None:
        return "the training failed"
    recall, fpr = one.figures["recall"], one.figures["fpr"]
    return f"recall {recall:.3f}, FPR {fpr:.4f}, trained in {one.train_s:,.0f} s"


def _of(facts: Mapping[str, Any]) -> Varied | None:
    if FAILED in facts:
        return None
    return Varied(facts["figures"], facts["train_s"], facts["gain"])


def _table(options: argparse.Namespace) -> None:
    print(_write_table(options.output), end="")


def _write_table(folder: Path) -> str:
    """The table of all that is done, in the order of the variants; it is kept in the folder too."""
    found: dict[str, Sequence[Varied | None]] = {}
    stored = Stages(folder).all()
    for name in dict.fromkeys([*VARIANTS, *(str(one.facts["variant"]) for one in stored)]):
        rows = [_of(one.facts) for one in stored if one.facts["variant"] == name]
        if rows:
            found[name] = rows
    text = table(found)
    (folder / "table.md").write_text(text, encoding="utf-8")
    return text


if __name__ == "__main__":
    raise SystemExit(main())
