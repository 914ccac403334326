import pytest

from coldtrail.errors import ConfigError
from coldtrail.formats.access_log.keys import Keys, number_of


def test_the_settings_say_what_a_log_calls_its_variables() -> None:
    keys = Keys({"requestId": "rid", "status": "code"})
    assert keys.text({"rid": "a", "requestId": "b"}, "requestId") == "a"
    assert keys.number({"code": "404"}, "status") == 404
    assert keys.text({"ip": "203.0.113.7"}, "ip") == "203.0.113.7"
    assert keys.marks == (b'"rid"', b'"code"')


def test_an_unknown_variable_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'colour'.*requestId"):
        Keys({"colour": "x"})


def test_what_is_left_open() -> None:
    keys = Keys({})
    assert keys.text({"caller": "-", "user": "", "principalId": None}, "authorizer.principalId") is None
    assert keys.text({"caller": "-", "user": "bob"}, "authorizer.principalId") == "bob"
    assert keys.text({"accountId": 123456789012}, "accountId") == "123456789012"
    assert keys.text({"accountId": [1]}, "accountId") is None


@pytest.mark.parametrize("value", ["x", "nan", "-1", -1, True, None, [1], "9" * 40, 1e300])
def test_what_is_no_number(value: object) -> None:
    assert number_of(value) is None
