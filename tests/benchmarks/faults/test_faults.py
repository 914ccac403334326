"""The short form of `make faults`: killed three times under load, and everything else once."""

from __future__ import annotations

import pytest

from benchmarks.faults.load import Sent, learned, load
from benchmarks.faults.rows import FAULTS, Ground, Row, compared, killed, undisturbed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
TRACES = 60
SHORT = ("two services", "lies", "clock")
"""The others take long, or need the rights of root."""


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = tmp_path_factory.mktemp("faults")
    bundle, documents = learned(folder), load(TRACES)
    usual = undisturbed(folder, bundle, documents)
    assert usual.alerts
    assert usual.is_told_once
    return Ground(folder, bundle, documents, usual)


def test_kills_change_nothing(ground: Ground) -> None:
    row = killed(ground, 3, seed=1)
    assert row.held, row.what


@pytest.mark.parametrize("name", SHORT)
def test_the_service_comes_through(ground: Ground, name: str) -> None:
    row = FAULTS[name](ground)
    assert row.held, row.what


def test_another_outcome_breaks_a_row(ground: Ground) -> None:
    fewer = ground.usual._replace(cases=())
    assert compared(fewer, ground, "rain", "it rained").held is False
    twice = ground.usual._replace(told=tuple((id, 2) for id, _ in ground.usual.told))
    row: Row = compared(twice, ground, "rain", "it rained")
    assert row.held is False
    assert "other told than undisturbed" in row.what


def test_the_load_is_half_pulled_and_half_pushed(ground: Ground) -> None:
    ways = [one.by for one in ground.documents]
    assert min(ways.count("file"), ways.count("otlp")) > len(ways) // 5
    assert isinstance(ground.documents[0], Sent)
