"""Whose credentials made a call."""

from __future__ import annotations

import pytest

from coldtrail.assembly.join.functions import KEY_LASTS_S, Functions, Named, named_by
from coldtrail.testing import make_key
from tests.assembly.join.told import ACCOUNT, ARN, REGION, START, call


@pytest.mark.parametrize(
    ("address", "named"),
    [
        (f"{ARN}pay", Named(ACCOUNT, REGION, "pay")),
        (f"{ARN}pay:7", Named(ACCOUNT, REGION, "pay", "7")),
        (f"{ARN}pay:$LATEST", Named(ACCOUNT, REGION, "pay", "$LATEST")),
        ("pay", Named("", "", "pay")),
        ("pay:live", Named("", "", "pay")),
        ("", Named("", "", "")),
        ("arn:aws:lambda", Named("", "", "arn")),
    ],
)
def test_a_function_is_named_by_its_address(address: str, named: Named) -> None:
    assert named_by(address) == named


def test_what_the_record_says_counts_before_the_key_and_this_before_the_session() -> None:
    functions = Functions()
    functions.learn(call("a", START, credentials_of=f"{ARN}pay"))
    assert functions.of(call("b", START, credentials_of=f"{ARN}mail", access_key="p-key")) == named_by(
        f"{ARN}mail"
    )
    assert functions.of(call("c", START, credentials_of=None, session_function="x")) == named_by(f"{ARN}pay")
    other = call("d", START, credentials_of=None, access_key="p-other", session_function="x")
    assert functions.of(other) == Named(ACCOUNT, "", "x")


def test_the_name_of_a_session_that_a_call_asks_for_is_not_the_callers() -> None:
    asked = call(
        "a", START, "STS", "AssumeRole", "r", credentials_of=None, issued_key="p-new", access_key=None
    )
    functions = Functions()
    functions.learn(asked)
    assert functions.of(asked) is None
    assert (
        functions.of(call("b", START, credentials_of=None, access_key="p-new", session_function=None)) is None
    )


def test_keys_are_forgotten_once_they_are_of_no_use() -> None:
    functions = Functions()
    functions.learn(call("a", START))
    functions.forget(START + KEY_LASTS_S)
    assert functions.state()
    functions.forget(START + KEY_LASTS_S + 1.0)
    assert not functions.state()


def test_parts_that_are_not_told_fit_all() -> None:
    assert Named("", "", "Order").is_of(make_key(account="1", region="r"))
    assert Named("1", "r", "Order").is_of(make_key())
    assert not Named("1", "r", "Order").is_of(make_key(account="2", region="r"))
    assert not Named("1", "r", "Order").is_of(make_key("Pay", account="1", region="r"))


def test_sessions_made_to_flood_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.assembly.join.functions.MOST_KEYS", 3)
    functions = Functions()
    for number in range(9):
        functions.learn(call("a", START, credentials_of=f"{ARN}pay", access_key=f"p-{number}"))
    assert list(functions.state()) == ["p-6", "p-7", "p-8"]
