from __future__ import annotations

import pytest

from coldtrail.errors import ConfigError
from coldtrail.sources.tokens import Tokens

OLD, NEW = "the-old-token-of-all", "the-new-token-of-all"


@pytest.mark.parametrize(
    ("shown", "is_allowed"),
    [
        (f"Bearer {OLD}", True),
        (f"bearer   {NEW} ", True),
        (f"Bearer {OLD} {NEW}", False),
        (f"Bearer {OLD[:-1]}", False),
        ("Bearer", False),
        ("Bearer ", False),
        (OLD, False),
        ("", False),
    ],
)
def test_either_token_is_allowed_while_they_are_changed(shown: str, is_allowed: bool) -> None:
    tokens = Tokens("TOKEN", {"TOKEN": f" {OLD} {NEW}\n"}, "source 'push': token_env")
    assert tokens.allow(shown.encode()) == is_allowed


@pytest.mark.parametrize(
    ("held", "sentence"), [(" ", "is not set; set it"), ("guess", "short enough to be guessed")]
)
def test_a_token_that_protects_nothing_is_refused_and_not_repeated(held: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        Tokens("TOKEN", {"TOKEN": held}, "source 'push': token_env")
    assert "'TOKEN'" in str(caught.value)
    assert "'guess'" not in str(caught.value)
