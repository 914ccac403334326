import pytest
from msgspec import Raw

from coldtrail.formats.cloudtrail.parameters import Parameters, mapping, number_of, text_of


def test_the_first_text_under_a_key_in_either_spelling() -> None:
    assert text_of({"a": 1, "Name": "x"}, "a", "name") == "x"
    assert text_of({"name": ""}, "name") is None


@pytest.mark.parametrize("value", [True, "5", -1, 2.0**70, float("nan"), None, [1]])
def test_what_is_no_count(value: object) -> None:
    assert number_of(value) is None


def test_counts_may_be_written_as_floats() -> None:
    assert number_of(7.0) == 7


def test_only_listed_keys_name_a_target() -> None:
    parameters = Parameters(str)
    assert parameters.target("S3", Raw(b'{"key":"secret"}')) is None
    assert parameters.target("S3", Raw(b'{"bucketName":"b","key":{}}')) == "b"
    assert parameters.target("Unknown", Raw(b'{"bucketName":"b"}')) is None


@pytest.mark.parametrize("raw", [b"", b"null", b"[1]", b'{"bucketName":5}', b'"x"'])
def test_odd_parameters_name_nothing(raw: bytes) -> None:
    assert Parameters(str).target("S3", Raw(raw)) is None
    assert mapping([1]) == {}
