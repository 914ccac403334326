"""Slots of versions: a new one follows the last, and those that ran out are forgotten."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.resources.versions import MOST_VERSIONS, Versions, rows_of
from coldtrail.errors import BundleError
from coldtrail.records.stage import packed
from tests.detectors.resources.streams import KEY


def test_a_new_version_names_the_one_before() -> None:
    versions = Versions()
    function = versions.function(KEY)
    assert versions.slot(function, "1", 0) == (0, -1)
    assert versions.slot(function, "1", 1) == (0, None)
    assert versions.slot(function, "2", 1) == (1, 0)
    assert versions.version_of(1) == "2"
    assert versions.slots_of(function) == [0, 1]


def test_versions_of_one_time_are_bounded() -> None:
    versions = Versions()
    function = versions.function(KEY)
    for number in range(50):
        versions.slot(function, str(number), 0)
    assert len(versions) == MOST_VERSIONS


def test_what_runs_no_more_is_forgotten_but_the_newest() -> None:
    versions = Versions()
    function = versions.function(KEY)
    versions.slot(function, "1", 0)
    versions.slot(function, "2", 3)
    other = versions.function(KEY._replace(function="rare"))
    versions.slot(other, "1", 0)
    assert versions.forget(1) == [0, 1, 2]
    assert versions.forget(5) == [1, 2]
    assert versions.slot(function, "2", 9) == (0, None)
    assert versions.function_of(1) == other


def test_only_versions_that_keep_their_name_are_changed_in_place() -> None:
    versions = Versions()
    function = versions.function(KEY)
    for version in ("", "7", "$LATEST"):
        versions.slot(function, version, 0)
    assert versions.unversioned(KEY) == [0, 2]
    assert versions.unversioned(KEY._replace(function="other")) == []
    assert versions.version_of(0) is None


def test_a_snapshot_comes_back() -> None:
    versions, again = Versions(), Versions()
    function = versions.function(KEY)
    versions.slot(function, "1", 0)
    versions.slot(function, "2", 0)
    again.restore(versions.snapshot())
    assert again.slot(again.function(KEY), "2", 1) == (1, None)
    assert again.functions() == [0, 0]


def test_damage_is_told() -> None:
    with pytest.raises(BundleError):
        Versions().restore({"versions": packed(([tuple(KEY)], [(3, "1", 0)]))})
    with pytest.raises(BundleError):
        Versions().restore({"versions": packed(([tuple(KEY)], [{"function": 3, "version": "1", "day": 0}]))})


def test_rows_of_slots_lie_side_by_side() -> None:
    assert rows_of([0, 2], 3).tolist() == [0, 1, 2, 6, 7, 8]
    assert rows_of([], 3).tolist() == np.array([]).tolist()
