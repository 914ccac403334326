from typing import Any

import pytest

from coldtrail.errors import ConfigError
from coldtrail.formats.access_log.keys import _LONGEST_NUMBER, Keys, number_of, text_of


def test_the_settings_say_what_a_log_calls_its_variables() -> None:
    keys = Keys({"requestId": "rid", "status": "code"})
    assert keys.values({"rid": "a", "requestId": "b"}).request_id == "a"
    assert keys.values({"code": "404"}).status == "404"
    assert keys.values({"ip": "203.0.113.7"}).address == "203.0.113.7"
    assert keys.marks == (b'"rid"', b'"code"')


def test_an_unknown_variable_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'colour'.*requestId"):
        Keys({"colour": "x"})


def test_what_is_left_open() -> None:
    keys = Keys({})
    # Twice: what is remembered of the keys of a line says nothing of its values.
    for _ in range(2):
        assert text_of(keys.values({"caller": "-", "user": "", "principalId": None}).principal) is None
        assert keys.values({"caller": "-", "user": "bob"}).principal == "bob"
        assert keys.values({"caller": "ann", "user": "-"}).principal == "ann"
    assert text_of(keys.values({"accountId": 123456789012}).account) == "123456789012"
    assert text_of(keys.values({"accountId": [1]}).account) is None
    assert keys.values({}).status is None


def test_keys_that_never_come_again_are_not_held() -> None:
    keys = Keys({})
    for number in range(3_000):
        keys.values({f"own{number}": number, "status": 200})
    keys.values({"x" * 5_000: 1})
    assert len(keys._layouts) <= 1_000


@pytest.mark.parametrize("value", ["7", " 7 ", "7.0", 7, 7.0, "7" + " " * (_LONGEST_NUMBER - 1)])
def test_a_number_however_it_is_written(value: Any) -> None:
    assert [number_of(value), number_of(value)] == [7.0, 7.0]


@pytest.mark.parametrize("value", ["x", "nan", "-1", -1, True, None, [1], "9" * 40, 1e300])
def test_what_is_no_number(value: object) -> None:
    assert number_of(value) is None
