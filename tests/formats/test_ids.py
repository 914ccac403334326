from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.formats.ids import MAX_ID_CHARS, as_told, is_id


@pytest.mark.parametrize(
    "text",
    [
        "8f507cfc-1b2c-4d5e-8f60-718293a4b5c6",
        "q6xhNJYmhg=",
        "R1",
        "c7Tj+/a=",
        "+7Tj==",
        "...6c09f5",
        "x" * MAX_ID_CHARS,
    ],
)
def test_ids(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "x" * (MAX_ID_CHARS + 1), "a\nb", "AKIA" + "IOSFODNN7EXAMPLE", "eyJhbGciOi.eyJ.c2ln"),
        *("-", "...", "key=value", "https://api.example/items", "4539-4207-9886-5662"),
        *("alice@mail.test", "Bearer abc", "4111 1111 1111 1111", "Server=db;Password=x", "ghp_abc"),
    ],
)
def test_what_is_secret_by_its_form_is_no_id(text: str | None) -> None:
    assert not is_id(text)


@given(st.integers(0, 10**32 - 1))
def test_a_uuid_is_an_id_whatever_its_digits_look_like(number: int) -> None:
    assert is_id(str(UUID(f"{number:032d}")))


def test_a_longer_id_is_one_where_that_is_allowed() -> None:
    assert is_id("x" * 300, 2_048)


def test_a_uuid_in_capitals_is_the_same_request() -> None:
    request = "8f507cfc-1b2c-4d5e-8f60-718293a4b5c6"
    assert as_told(request.upper()) == as_told(request) == request
    for other in ("07D681123BD12AED", "Q6xhNJYmhg=", "8F507CFC-1B2C-4D5E-8F60-718293A4B5CX", "1" * 36):
        assert as_told(other) == other
