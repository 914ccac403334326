"""A folder with the runs of two seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coldtrail.registry import DETECTORS
from tests.benchmarks.quality.small_runs import SEEDS, case, write_run


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    for seed in SEEDS:
        write_run(case(folder, seed).run("learn"), seed)
        write_run(case(folder, seed).run("paper"), 10 + seed, attacked=5)
    return folder


@pytest.fixture(autouse=True)
def _registry_as_before() -> Iterator[None]:
    """Takes detectors that an ablation made out of the registry again."""
    before = dict(DETECTORS)
    yield
    DETECTORS.clear()
    DETECTORS.update(before)
