"""The registry of the formats."""

import pytest

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.telemetry import WRITERS, find_writers


def test_all_and_none() -> None:
    assert find_writers(["all"]) == list(WRITERS.values())
    assert find_writers(["none"]) == []
    assert find_writers(["all", "xray", "none"]) == list(WRITERS.values())
    assert find_writers(["xray"]) == []


def test_each_name_is_taken_once() -> None:
    name = next(iter(WRITERS))
    assert find_writers([name, "xray", name]) == [WRITERS[name]]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(TestbedError) as error:
        find_writers(["otpl"])
    assert "'otpl'" in str(error.value)
    assert all(name in str(error.value) for name in WRITERS)
