"""What few runs of a function show, told as a person would."""

from __future__ import annotations

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.rarities import RARE_SHARE, like, rarities
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, USUAL, stolen


def plain(number: int = 200) -> list[Flow]:
    return [make_flow(USUAL, flow_id=f"h{i}", start=START + 60 * i) for i in range(number)]


def odd(calls: list[Call], number: int = 3) -> list[Flow]:
    return [make_flow(calls, flow_id=f"x{i}", start=START + 500 * i) for i in range(number)]


def history(flows: list[Flow]) -> History:
    return History(Vocabulary()).add(flows)


def told(flows: list[Flow]) -> dict[str, str]:
    return {one.shown.cause.kind: one.shown.what for one in rarities(history([*plain(), *flows]))}


def test_what_all_runs_show_is_not_rare() -> None:
    assert told([]) == {}


def test_what_few_runs_show_is_told_in_words() -> None:
    assert told([stolen("s", START)])["new_action"] == "PutObject on S3 loot"
    often = told(odd([GET, PUT, PUT, PUT, PUBLISH]))["count"]
    assert often == "PutItem on DynamoDB Orders, more than once a run"
    slow = told(odd([GET, ("PutItem", "DynamoDB", "Orders", 5.0), PUBLISH]))["duration"]
    assert slow == "PutItem on DynamoDB Orders, longer than 0.51 s"
    swapped = told(odd([PUT, GET, PUBLISH]))["order"]
    assert "right after" in swapped or swapped.endswith("first of all")


def test_what_the_same_runs_show_is_one_rarity() -> None:
    (one,) = rarities(history([*plain(), *odd([*USUAL, ("PutObject", "S3", "loot", 0.01)])]))
    assert (round(one.runs), round(one.of_runs), len(one.showing)) == (3, 203, 3)
    assert one.runs < RARE_SHARE * one.of_runs


def test_runs_that_show_the_same_are_found_from_one() -> None:
    learned = history([*plain(), *odd([PUT, GET, PUBLISH])])
    row = [flow for _, flow in learned.names.tolist()].index("x1")
    assert {learned.names[at][1] for at in like(learned, row).tolist()} == {"x0", "x1", "x2"}
    usual = [flow for _, flow in learned.names.tolist()].index("h5")
    np.testing.assert_array_equal(like(learned, usual), [usual])
