"""What a network is told of counts: what never came there, or never took so long, stands out."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.autoencoder.familiarity import (
    EVERY,
    LEAST_TIMES,
    SHARES,
    Familiarity,
    arrays,
    seconds_before,
)
from coldtrail.features.arrays import check
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history

READ, WRITE, TELL = (
    ("GetItem", "DynamoDB", "Stock", 0.01),
    ("PutItem", "DynamoDB", "Orders", 0.01),
    ("Publish", "SNS", "order-events", 0.01),
)


def encoded(flows: list[Flow]) -> Encoded:
    return encode(flows, Vocabulary())


def runs(number: int, *steps: tuple[str, str, str | None, float], start: int = 0) -> list[Flow]:
    return [make_flow(list(steps), flow_id=f"r{start + i}") for i in range(number)]


USUAL = encoded(runs(200, READ, READ, WRITE, TELL))
KNOWN = Familiarity.of(USUAL)


def told(*steps: tuple[str, str, str | None, float], **more: str) -> np.ndarray:
    """(step, 2) of a run, in nats."""
    columns = KNOWN.columns(encoded([make_flow(list(steps), **more)]))
    return np.sqrt(columns / SHARES)


def test_what_always_comes_is_no_surprise_and_not_late() -> None:
    assert told(READ, READ, WRITE, TELL).max() < 0.1


@pytest.mark.parametrize(
    ("steps", "strange"),
    [
        ((READ, READ, WRITE, ("PutObject", "S3", "loot", 0.01), TELL), 4),
        ((READ, READ, TELL, WRITE), 3),
        ((READ, READ, READ, WRITE, TELL), 3),
        ((READ, WRITE, TELL), 2),
    ],
    ids=["never met", "another order", "once more", "once less"],
)
def test_what_never_came_there_is_a_surprise(
    steps: tuple[tuple[str, str, str, float], ...], strange: int
) -> None:
    surprise = told(*steps)[:, 0]
    assert surprise[:strange].max() < 0.1
    assert surprise[strange] > 4.0


def test_another_functions_habits_are_none_of_this_one() -> None:
    assert told(READ, READ, WRITE, TELL, function="Other")[:, 0].min() > 3.0


def test_a_cold_start_surprises_nobody() -> None:
    warm, cold = (
        Familiarity.of(USUAL).columns(encoded([make_flow([READ, READ, WRITE, TELL], cold=cold)]))
        for cold in (False, True)
    )
    assert len(cold) == len(warm) + 1
    assert cold[:, 0].max() == pytest.approx(warm[:, 0].max())


def test_what_took_longer_than_ever_is_late() -> None:
    slow = ("PutItem", "DynamoDB", "Orders", 3.0)
    lateness = told(READ, READ, slow, TELL)[:, 1]
    assert lateness[3] == pytest.approx(np.log(3.001 / 0.011), abs=1e-3)
    assert lateness[[1, 2, 4]].max() < 1e-3
    assert seconds_before(3.0, lateness[3] ** 2 * SHARES[1]) == pytest.approx(0.01, abs=1e-4)


def test_one_in_a_thousand_is_set_aside_and_rare_steps_are_never_late() -> None:
    slow = ("GetItem", "DynamoDB", "Stock", 5.0)
    flows = encoded([*runs(EVERY + 10, READ), *runs(1, slow, start=5000)])
    judged = encoded([make_flow([("GetItem", "DynamoDB", "Stock", 4.0)])])
    assert Familiarity.of(flows).columns(judged)[1, 1] > 1.0
    few = Familiarity.of(encoded(runs(LEAST_TIMES - 1, READ)))
    assert few.columns(judged)[:, 1].max() == 0.0


def test_what_was_counted_itself_is_told_as_if_it_had_not_been() -> None:
    odd = make_flow([WRITE, READ, TELL], flow_id="odd")
    with_it = encoded([*runs(100, READ, READ, WRITE, TELL), odd])
    without = Familiarity.of(encoded(runs(100, READ, READ, WRITE, TELL)))
    told_blind = without.columns(encoded([odd]))
    told_counted = Familiarity.of(with_it).columns(with_it, counted=True)[-len(told_blind) :]
    np.testing.assert_allclose(told_counted, told_blind, rtol=0.02, atol=0.01)
    assert Familiarity.of(with_it).columns(encoded([odd]))[1, 0] < told_blind[1, 0]


def test_a_flow_counts_as_often_as_it_stands_for_others() -> None:
    flows = encoded([*runs(20, READ, WRITE), *runs(1, READ, TELL, start=50)])
    heavy = flows.weighing(np.where(np.arange(21) == 20, 15.0, 1.0))
    judged = encoded([make_flow([READ, TELL])])
    plain, weighed = (Familiarity.of(one).columns(judged)[2, 0] for one in (flows, heavy))
    assert weighed < 0.5 * plain


def test_in_two_parts_is_at_once() -> None:
    flows = encoded(make_history(300))
    parts = Familiarity.of(flows.take(np.arange(200))).with_more(flows.take(np.arange(200, 300)))
    judged = encoded([*make_history(40, seed=5, prefix="n"), make_flow([TELL, READ])])
    np.testing.assert_allclose(parts.columns(judged), Familiarity.of(flows).columns(judged))


def test_what_was_counted_can_be_kept() -> None:
    state = KNOWN.state("familiar-0-")
    check(state, arrays("familiar-0-"), {})
    again = Familiarity.restored(state, "familiar-0-")
    np.testing.assert_array_equal(again.columns(USUAL), KNOWN.columns(USUAL))


def test_nothing_can_be_counted_and_asked() -> None:
    nothing = Familiarity.of(encoded([]))
    assert nothing.columns(encoded([])).shape == (0, 2)
    assert np.isfinite(nothing.columns(USUAL)).all()
