from __future__ import annotations

import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.secret import secret


def test_a_secret_is_what_the_variable_holds() -> None:
    assert secret({"TOKEN": " hush\n"}, "TOKEN", "token_env") == "hush"


@pytest.mark.parametrize("held", ["", "  ", "two\nlines", "bell\x07"])
def test_what_is_of_no_use_is_told_by_the_name_of_the_variable(held: str) -> None:
    with pytest.raises(ConfigError, match="token_env: the environment variable 'TOKEN'") as caught:
        secret({"TOKEN": held}, "TOKEN", "token_env")
    assert not held.strip() or held not in str(caught.value)


def test_a_secret_in_place_of_a_name_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match="give the name of an environment variable") as caught:
        secret({}, "https://hooks.example/T0KEN", "url_env")
    assert "T0KEN" not in str(caught.value)
