import pytest

from coldtrail.config import LimitSettings
from coldtrail.formats.otel import memory
from coldtrail.formats.otel.memory import (
    Alone,
    Known,
    Memory,
    Resource,
    Token,
    dictionary,
    request_of,
    token_of,
)


def test_only_listed_attributes_become_tokens() -> None:
    assert token_of("enduser.id", "hunter2") is None
    assert token_of("faas.name", None) is None
    found = token_of("faas.name", "Orders")
    assert found is not None
    assert (found.name, found.value) == ("faas.name", "Orders")


def test_request_ids_stand_alone_and_are_printable() -> None:
    found = token_of("faas.invocation_id", "R1")
    assert isinstance(found, Alone)
    assert found.mark is Alone("faas.invocation_id", "R2").mark
    assert token_of("faas.invocation_id", "a\x1b") is None
    assert token_of("faas.invocation_id", "a" * 300) is None


def test_the_invocations_own_id_comes_first() -> None:
    assert request_of([Alone("aws.request_id", "Q"), Alone("faas.execution", "R")]) == "R"
    assert request_of([]) is None


def test_of_an_attribute_that_is_told_twice_the_first_counts() -> None:
    assert dictionary([Token("faas.name", "a"), Token("faas.name", "b")]) == {"faas.name": "a"}


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST_RESOURCES", 3)
    monkeypatch.setattr(memory, "_MOST_MEANINGS", 3)
    known = Memory(LimitSettings())
    resources = [known.learn_resource(number, [Token("service.name", "s")], 10) for number in range(4)]
    assert sum(known.resource(number) is not None for number in range(4)) == 1
    last: Resource = resources[-1]
    for number in range(10):
        meaning = known.learn(last, (number,), [], f"step {number}", 1)
        known.learn_shape(last, (number,), Known(meaning, False, False), 10)
        assert meaning.step.name == f"step {number}"
        assert len(last.meanings) + len(last.shapes) <= 4
