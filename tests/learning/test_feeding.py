"""A history that was filled on purpose says so: which function, what, how much, and such as which."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec
import pytest

from coldtrail.config import Settings
from coldtrail.learning.feeding import WHAT_TO_DO, fed
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.testing import Call
from tests.fixtures.fed import CALLS, FLOODS, HONEST, KINDS, Shop, adding, of_kind

More = Callable[[str, list[Call], Random], list[Call]]


def warnings(shop: Shop, flows: list[Flow]) -> list[str]:
    return [one for one in learn(flows, Settings()).warnings if any(name in one for name in shop.functions)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("flood", "share"), [("two parts", 0.01), ("letters of any length", 0.05)])
def test_names_that_come_once_are_told_with_function_kind_share_and_examples(
    kind: str, flood: str, share: float
) -> None:
    shop, service = Shop(len(kind) + int(100 * share)), KINDS[kind]
    whose, named = shop.functions[1], FLOODS[flood]
    more = adding(whose, share, lambda random: of_kind(kind, named(random)), service, CALLS[service][0])
    flows = shop.flows(700, 3, more=more)
    said = learn(flows, Settings()).warnings
    (told,) = [one for one in said if one.startswith(whose)]
    assert told.startswith(f"{whose} keeps naming new ")
    assert {"host": "hosts", "own step": "steps of its own"}.get(kind, service) in told
    assert " %" in told
    examples = {str(event.event_target_resource or event.event_name) for one in flows for event in one.events}
    assert any(example in told for example in examples - {"Invocation"})
    assert WHAT_TO_DO in said or "bundle review" in told


@pytest.mark.parametrize("seed", range(3))
def test_plain_functions_look_like_nothing(seed: int) -> None:
    shop = Shop(40 + seed)
    assert warnings(shop, shop.flows(400, 1)) == []


def test_names_by_form_are_told_as_such_alone() -> None:
    shop = Shop(7)
    more = adding(shop.functions[0], 1.0, HONEST["hashed"], "S3", "PutObject")
    (told,) = warnings(shop, shop.flows(300, 1, more=more))
    assert "part-{hex:7}" in told
    assert "feedback" not in told


def changed(share: float, **fields: object) -> Callable[[Flow, Random], Flow]:
    def change(flow: Flow, random: Random) -> Flow:
        return msgspec.structs.replace(flow, **fields) if random.random() < share else flow

    return change


def shuffled(flow: Flow, random: Random) -> Flow:
    """One run in fifty with its steps in another order."""
    if random.random() > 0.02:
        return flow
    steps = tuple(random.sample(flow.events, len(flow.events)))
    return msgspec.structs.replace(flow, events=steps)


def named(field: str) -> Callable[[Flow, Random], Flow]:
    def change(flow: Flow, random: Random) -> Flow:
        name = f"AWS::SQS {FLOODS['two parts'](random)}"
        return msgspec.structs.replace(flow, **{field: name}) if random.random() < 0.02 else flow

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (named("trigger"), "keeps naming new triggers"),
        (named("caller"), "keeps naming new callers"),
        (named("version"), "keeps naming new versions"),
        (shuffled, "in another order each time"),
        (changed(0.3, error=True), "failed in"),
        (changed(0.5, cold_start=True), "was cold in"),
    ],
)
def test_whatever_else_is_fed_is_told(change: Callable[[Flow, Random], Flow], says: str) -> None:
    shop, random = Shop(3), Random(3)
    whose = shop.functions[2]
    flows = shop.flows(500, 1, gap_s=20.0)
    flows = [change(flow, random) if flow.function_name == whose else flow for flow in flows]
    assert any(one.startswith(whose) and says in one for one in warnings(shop, flows))


@pytest.mark.parametrize(
    ("more", "says"), [(1, "took more than 10 times as long as usual"), (60, "times as many steps as usual")]
)
def test_endless_runs_are_told(more: int, says: str) -> None:
    shop = Shop(5)
    whose = shop.functions[0]

    def longer(function: str, calls: list[Call], random: Random) -> list[Call]:
        if function != whose or random.random() > 0.02:
            return calls
        name, kind, target, _ = calls[0]
        return [*calls, *[(name, kind, target, 9.0 if more == 1 else 0.001)] * more]

    told = warnings(shop, shop.flows(500, 1, more=longer))
    assert any(says in one and one.startswith(whose) for one in told), told


def test_an_empty_history_looks_like_nothing() -> None:
    from coldtrail.bundle.history import History
    from coldtrail.features.vocabulary import Vocabulary

    assert fed(History(Vocabulary())) == []
