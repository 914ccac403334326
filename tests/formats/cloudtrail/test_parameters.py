import pytest

from coldtrail.formats.cloudtrail.parameters import mapping, number_of, target_of, text_of


def test_the_first_text_under_a_key_in_either_spelling() -> None:
    assert text_of({"a": 1, "Name": "x"}, "a", "name") == "x"
    assert text_of({"name": ""}, "name") is None


@pytest.mark.parametrize("value", [True, "5", -1, 2.0**70, float("nan"), None, [1]])
def test_what_is_no_count(value: object) -> None:
    assert number_of({"n": value}, "n") is None


def test_counts_may_be_written_as_floats() -> None:
    assert number_of({"n": 7.0}, "n") == 7


def test_only_listed_keys_name_a_target() -> None:
    assert target_of("S3", {"key": "secret"}, str) is None
    assert target_of("Unknown", {"bucketName": "b"}, str) is None
    assert mapping([1]) == {}
