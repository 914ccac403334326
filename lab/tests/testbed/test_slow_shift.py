"""What the slow shift does inside a function, where no cloud is needed to see it."""

import time
from typing import Any

import pytest

from coldtrail_testbed.attacks import ATTACKS
from coldtrail_testbed.attacks.model import Place


def _behave(attack: str, ordinary: Any) -> Any:
    place = ATTACKS[attack].places["airline"]
    assert isinstance(place, Place)
    return place.behave(ordinary, {}, None)


def test_a_slow_shift_takes_a_fifth_more_even_when_the_work_fails() -> None:
    def work(_event: Any, _context: Any) -> str:
        time.sleep(0.05)
        return "done"

    def fail(_event: Any, _context: Any) -> None:
        time.sleep(0.05)
        raise ValueError("no luck")

    begin = time.monotonic()
    assert _behave("slow_shift", work) == "done"
    middle = time.monotonic()
    with pytest.raises(ValueError, match="no luck"):
        _behave("slow_shift", fail)
    assert min(middle - begin, time.monotonic() - middle) >= 0.0595
