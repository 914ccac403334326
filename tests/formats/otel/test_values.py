import pytest

from coldtrail.formats.otel.values import Number, identifier, is_error, kind_of, whole


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5B8EFFF798038103D269B633813FC60C", "5b8efff798038103d269b633813fc60c"),
        ("W47/95gDgQPSabYzgT/GDA==", "5b8efff798038103d269b633813fc60c"),
        ("1-5B8efff7-98038103d269b633813fc60c", "5b8efff798038103d269b633813fc60c"),
        ("1-5b8efff7-98038103d269b633813fc6zz", None),
        ("5b8efff798038103d269b633813fc6", None),
        ("zz8efff798038103d269b633813fc60c", None),
        ("5b8efff7 8038103d269b633813fc60c", None),
        ("", None),
        ("é" * 32, None),
    ],
)
def test_ids(text: str, found: str | None) -> None:
    assert identifier(text, 32) == found


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1785830304877000192, 1785830304877000192),
        ("1785830304877000193", 1785830304877000193),
        (1.785830304877e18, int(1.785830304877e18)),
        (-1, 0),
        ("-1", 0),
        ("1e9", 0),
        ("9" * 5_000, 0),
        (2**80, 0),
        (1e300, 0),
        (None, 0),
    ],
)
def test_whole_numbers_stay_exact(value: Number, number: int) -> None:
    assert whole(value) == number


@pytest.mark.parametrize("kind", ["SERVER", "server", "SPAN_KIND_SERVER", 2, "2", 2.0])
def test_kinds(kind: Number) -> None:
    assert kind_of(kind) == 2


def test_errors() -> None:
    assert all(map(is_error, (2, "ERROR", "STATUS_CODE_ERROR")))
    assert not any(map(is_error, (0, 1, "OK", "UNSET", None)))
