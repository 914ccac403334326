"""Rare collections: fewer within, and as before outside."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from coldtrail.verbs.collecting import rare_collections


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_collections_are_rarer_within_and_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with rare_collections():
        assert gc.get_threshold() == (200_000, *before[1:])
    assert gc.get_threshold() == before


def test_the_threshold_is_put_back_after_an_error() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="stop"), rare_collections():
        raise ValueError("stop")
    assert gc.get_threshold() == before


@pytest.mark.parametrize("threshold", [0, 300_000])
def test_who_collects_more_rarely_or_never_is_left_alone(threshold: int) -> None:
    gc.set_threshold(threshold, 7, 5)
    with rare_collections():
        assert gc.get_threshold() == (threshold, 7, 5)
