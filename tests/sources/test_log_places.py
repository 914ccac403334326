import pytest

from coldtrail.sources.log_places import name_of, seconds_of, time_of


@pytest.mark.parametrize(
    ("millis", "seconds"), [(5_000, 5.0), (0, None), (-1, None), (1e18, None), (None, None)]
)
def test_times_in_milliseconds(millis: float | None, seconds: float | None) -> None:
    assert seconds_of(millis) == seconds


def test_times_of_rows_are_utc() -> None:
    assert (time_of("1970-01-01 00:00:05.000"), time_of("soon"), time_of("1960-01-01")) == (5.0, None, None)


def test_names_are_printable_and_short() -> None:
    assert (name_of("/aws/lambda/pay"), name_of("a\nb"), name_of("x" * 513), name_of(None)) == (
        "/aws/lambda/pay",
        "",
        "",
        "",
    )
