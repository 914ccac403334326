"""Functions that behave alike, as groups."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.bundle.history import History
from coldtrail.bundle.history_state import restored, state_of
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.groups import group, put_in_groups
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow, make_key

READ: Call = ("GetItem", "DynamoDB", "Stock", 0.01)
STORE: Call = ("PutItem", "DynamoDB", "Orders", 0.01)
UPLOAD: Call = ("PutObject", "S3", "images", 0.02)
TELL: Call = ("Publish", "SNS", "news", 0.01)
PAY: Call = ("POST", "remote", "pay.example", 0.1)
API = "AWS::ApiGateway::Stage shop/prod"
QUEUE = "AWS::SQS::Queue jobs"


def runs(function: str, calls: Sequence[Call], number: int, trigger: str | None = API) -> list[Flow]:
    return [
        make_flow(calls, function=function, flow_id=f"{function}-{place}", trigger=trigger)
        for place in range(number)
    ]


def grouped(flows: Sequence[Flow]) -> dict[str, str]:
    """The name of each function's group."""
    words = Vocabulary()
    learn_words(flows, words)
    found = group(encode(flows, words), words)
    return {name: found.names[found.of[n] - 1] for (*_, name), n in words.functions.numbers.items()}


def test_functions_that_do_alike_are_one_group_and_others_are_not() -> None:
    prices: Call = ("GetItem", "DynamoDB", "Prices", 0.012)
    flows = runs("Stock", [READ], 30) + runs("Prices", [prices], 4) + runs("Mail", [TELL], 9, QUEUE)
    found = grouped(flows)
    assert found == {
        "Stock": "reads DynamoDB, called by an API",
        "Prices": "reads DynamoDB, called by an API",
        "Mail": "sends to SNS, called by a queue",
    }


def test_a_group_is_named_by_the_two_things_it_mostly_does() -> None:
    assert set(grouped(runs("A", [READ, STORE], 3)).values()) == {
        "reads and writes DynamoDB, called by an API"
    }
    assert set(grouped(runs("A", [UPLOAD, PAY], 3, None)).values()) == {"calls web addresses and writes S3"}
    assert set(grouped(runs("A", [READ] * 9 + [PAY], 3, "x y")).values()) == {"reads DynamoDB, called by x"}
    assert set(grouped(runs("A", [], 1, None)).values()) == {"calls nothing"}


def test_groups_of_one_name_are_told_apart_by_the_function_that_leads_them() -> None:
    slow: Call = ("GetItem", "DynamoDB", "Stock", 9.0)
    other: list[Call] = [("Query", "DynamoDB", "Stock", 9.0)] * 40
    found = grouped(runs("Quick", [READ], 5) + runs("Slow", other, 2) + runs("Slower", [*other, slow], 1))
    assert found["Quick"] == "reads DynamoDB, called by an API, like Quick"
    assert found["Slow"] == found["Slower"] == "reads DynamoDB, called by an API, like Slow"


def test_the_busiest_leads_and_the_first_group_is_its_own() -> None:
    flows = runs("Seldom", [TELL], 2) + runs("Often", [READ], 20)
    words = Vocabulary()
    learn_words(flows, words)
    found = group(encode(flows, words), words)
    assert found.of.tolist() == [0, 2, 1]


def test_a_flow_may_stand_for_many() -> None:
    flows = runs("Seldom", [TELL], 1) + runs("Often", [READ], 2)
    words = Vocabulary()
    learn_words(flows, words)
    heavy = encode(flows, words).weighing(np.array([9.0, 1.0, 1.0]))
    assert group(heavy, words).of.tolist() == [0, 1, 2]


def test_a_history_and_its_words_know_the_groups() -> None:
    history = History(Vocabulary()).add(runs("Seldom", [TELL], 1) + runs("Often", [READ], 2))
    put_in_groups(history)
    assert history.vocabulary.group_of(make_key("Often")) == 1
    assert history.vocabulary.groups[1] == "sends to SNS, called by an API"
    assert sorted(history.flows.group.tolist()) == [1, 1, 2]
    again = restored(history.vocabulary, state_of(history))
    assert again.flows.group.tolist() == history.flows.group.tolist()


CALLS = (READ, STORE, UPLOAD, TELL, PAY)


@given(
    st.lists(st.tuples(st.lists(st.sampled_from(CALLS), max_size=4), st.integers(1, 3)), max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_flows_changes_nothing(plans: list[tuple[list[Call], int]], random: Random) -> None:
    flows = [flow for n, (calls, number) in enumerate(plans) for flow in runs(f"F{n}", calls, number)]
    mixed = flows.copy()
    random.shuffle(mixed)
    found = grouped(flows)
    assert grouped(mixed) == found
    assert len(found) == len(plans)


def test_thousands_of_functions_with_one_flow_each_are_grouped() -> None:
    random = Random(3)
    flows = []
    for number in range(2000):
        calls = [random.choice(CALLS) for _ in range(random.randrange(3))]
        flows += runs(f"F{number:04}", calls, 1)
    found = grouped(flows)
    assert 5 < len(set(found.values())) < 40
