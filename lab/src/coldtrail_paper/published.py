"""What the paper published, from `data/paper.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Result:
    """A printed row of figures (Tables 4, 5 and 7)."""

    precision: float
    recall: float
    f1: float
    fpr: float
    fnr: float


@dataclass(frozen=True)
class Sizes:
    """A printed row of Table 3."""

    train: int
    validation: int
    test: int
    anomalies: int


@dataclass(frozen=True)
class Phase:
    """A printed row of Table 6; times are seconds."""

    instances: int
    seconds: float
    each: float


@dataclass(frozen=True)
class Published:
    """The paper's figures by application and attack, in the testbed's names."""

    title: str
    authors: str
    machine: str
    anomaly_rate: float
    validation_share: float
    functions: Mapping[str, int]
    visits: Mapping[str, int]
    hours: Mapping[str, int]
    figure_4_window: int
    figure_4_threshold: float
    attacks: Mapping[str, Mapping[str, int]]
    """Table 2: application, attack."""
    sizes: Mapping[str, Sizes]
    """Table 3."""
    overall: Result
    """Table 4."""
    each_attack: Mapping[str, Mapping[str, Result]]
    """Table 5: application, attack."""
    phases: Mapping[str, Phase]
    """Table 6: `training`, `testing`, `retraining`."""
    update: Mapping[str, Result]
    """Table 7: `without` the held-out function, `updated`."""
    titles: Mapping[int, str]
    """Of the tables, by number."""


@cache
def published() -> Published:
    """The figures of the paper."""
    raw = tomllib.loads((files("coldtrail_paper") / "paper.toml").read_text(encoding="utf-8"))
    experiment = raw["experiment"]
    return Published(
        title=raw["title"],
        authors=raw["authors"],
        machine=experiment["machine"],
        anomaly_rate=experiment["anomaly_rate"],
        validation_share=experiment["validation_share"],
        functions=experiment["functions"],
        visits=experiment["visits"],
        hours=experiment["hours"],
        figure_4_window=raw["figure_4"]["window"],
        figure_4_threshold=raw["figure_4"]["threshold"],
        attacks=_rows(raw["table_2"]),
        sizes={name: Sizes(**row) for name, row in _rows(raw["table_3"]).items()},
        overall=Result(**raw["table_4"]["all"]),
        each_attack={
            name: {attack: Result(**row) for attack, row in rows.items()}
            for name, rows in _rows(raw["table_5"]).items()
        },
        phases={name: Phase(**row) for name, row in _rows(raw["table_6"]).items()},
        update={name: Result(**row) for name, row in _rows(raw["table_7"]).items()},
        titles={number: raw[f"table_{number}"]["title"] for number in range(2, 8)},
    )


def _rows(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row for name, row in table.items() if name != "title"}
