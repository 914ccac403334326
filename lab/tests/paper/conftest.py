"""What the tests of the experiment share: small runs, their data, and what a stand-in makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail_paper.dataset import Data
from coldtrail_paper.experiment import Experiment, hold_out, train_and_judge
from coldtrail_paper.network import setups
from coldtrail_paper.plan import RunPlan
from coldtrail_paper.reading import read
from coldtrail_paper.runs import Run, obtain
from lab.tests.paper.small_runs import SMALL, StandIn, write_runs


def refuse(each: RunPlan, place: Path) -> None:
    """Records nothing: the run must be there."""
    raise ConfigError(f"{place}: not recorded")


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_runs(tmp_path_factory.mktemp("reproduction") / "runs")


@pytest.fixture(scope="session")
def runs(runs_folder: Path) -> list[Run]:
    return obtain(SMALL, runs_folder, refuse)


@pytest.fixture(scope="session")
def data(runs: list[Run]) -> Data:
    return read(runs)


@pytest.fixture(scope="session")
def experiment(data: Data) -> Experiment:
    made = setups(1)
    return Experiment(
        data,
        {name: train_and_judge(setup, data, StandIn) for name, setup in made.items()},
        {name: hold_out(setup, data, StandIn) for name, setup in made.items()},
        "a test machine",
    )
