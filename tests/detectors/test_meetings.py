"""What is new to a function, and who lends it what it has not met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from coldtrail.detectors.looks import of_triggers
from coldtrail.detectors.meetings import Meetings, Seen, application, likes, met_in
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.looks import TRAITS
from coldtrail.features.names.foreign import Rows
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow
from tests.verbs.telemetry_files import GET

INGEST, MAIL, LEAK = "states ingest", "states mail", "AWS::SNS leak"


def runs(number: int, function: str, trigger: str | None, application: str = "shop") -> list[Flow]:
    return [
        make_flow(
            [GET], flow_id=f"{function}{n}", function=function, trigger=trigger, application=application
        )
        for n in range(number)
    ]


def words_of(flows: Sequence[Flow]) -> Vocabulary:
    words = Vocabulary()
    learn_words(flows, words)
    return words


def triggers(flows: Encoded) -> Meetings:
    every = np.arange(len(flows))
    meetings = Meetings()
    seen = Seen(every, np.zeros_like(every), flows.trigger, every)
    meetings.fit(met_in(flows, seen), flows, 1.0, of_triggers(flows))
    return meetings


def plain(rows: int) -> Rows:
    """Looks without any trait."""
    return np.zeros((rows, TRAITS), np.uint16)


def lent_by_application(young: int, trigger: str, lender: str = "shop", known: int = 200) -> bool:
    """Whether a trigger that another function knows is nothing new to a young one."""
    history = [
        *runs(young, "Young", MAIL),
        *runs(known, "Old", INGEST, lender),
        *runs(400, "Other", MAIL, lender),
    ]
    words = words_of(history)
    one = encode([make_flow([GET], function="Young", trigger=trigger)], words)
    return not triggers(encode(history, words)).new_to_all(one.function, application(one), one.trigger)[0]


def test_what_the_application_knows_is_lent_to_a_young_function() -> None:
    assert lent_by_application(50, INGEST)


def test_what_nobody_knows_is_lent_to_no_one() -> None:
    assert not lent_by_application(50, LEAK)


def test_what_another_application_knows_is_not_lent() -> None:
    assert not lent_by_application(50, INGEST, "bank")


def test_a_function_with_a_history_is_lent_nothing() -> None:
    assert not lent_by_application(300, INGEST)


def test_what_the_application_hardly_ever_meets_is_not_lent() -> None:
    assert not lent_by_application(50, INGEST, known=1)


def test_who_is_in_no_group_is_lent_nothing_by_it() -> None:
    history = [*runs(50, "Young", MAIL), *runs(200, "Old", INGEST)]
    words = words_of(history)
    one = encode([make_flow([GET], function="Young", trigger=INGEST)], words)
    meetings = triggers(encode(history, words))
    assert meetings.new_to_all(one.function, likes(one), one.trigger)[0]
    assert not meetings.new_to_all(one.function, application(one), one.trigger)[0]


def test_a_new_thing_is_as_strange_as_new_things_are_rare() -> None:
    history = [*runs(50, "Young", MAIL), *runs(1000, "Old", MAIL)]
    flows = encode(history, words_of(history))
    found = triggers(flows).strangeness(np.array([1, 2, 0]), np.zeros(3, np.int64), plain(3))
    assert found[1] > found[0] > 0.0
    assert found[2] == 0.0, "a function never met is not judged"


def test_what_was_learned_survives_the_way_to_disk_and_back() -> None:
    history = [*runs(50, "Young", MAIL), *runs(200, "Old", INGEST)]
    flows = encode(history, words_of(history))
    meetings, again = triggers(flows), Meetings()
    again.restore(meetings.state())
    row, thing = np.repeat([1, 2], 2), np.tile([1, 2], 2)
    lender = np.repeat(application(flows)[:1], 4)
    assert again.known(row, thing).tolist() == meetings.known(row, thing).tolist() == [50.0, 0.0, 0.0, 200.0]
    assert again.new(row, thing).tolist() == [False, True, True, False]
    assert not again.new_to_all(row, lender, thing).any()
    strangeness = meetings.strangeness(row, np.zeros(4, np.int64), plain(4))
    assert again.strangeness(row, np.zeros(4, np.int64), plain(4)) == pytest.approx(strangeness)
