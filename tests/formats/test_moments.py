import pytest

from coldtrail.formats.moments import moment_of, moment_of_millis


@pytest.mark.parametrize(
    "text",
    ["2026-11-30T12:00:00Z", "2026-11-30T12:00:00.000+00:00", "2026-11-30 12:00:00", "20261130T130000+0100"],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert moment_of(text) == 1_796_040_000.0


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-30T12:00:59.5Z", 1_796_040_059.5),
        ("2026-11-30T12:00:00.123456789Z", 1_796_040_000.123456789),
        ("2026-11-30T12:00:60Z", None),
        ("2026-11-30T12:61:00Z", None),
        ("2026-11-30T12:00:1eZ", None),
        ("2026-11-30T12:00:0٣Z", None),
    ],
)
def test_times_to_the_second_and_finer(text: str, time: float | None) -> None:
    assert moment_of(text) == time


def test_minutes_are_remembered_within_a_bound() -> None:
    for day in range(1, 29):
        for hour in range(24):
            for minute in range(60):
                moment_of(f"2026-02-{day:02}T{hour:02}:{minute:02}:00Z")
    assert moment_of("2026-02-01T00:00:01Z") == 1_769_904_001.0


@pytest.mark.parametrize("text", ["", "now", "1796040000", "9999-12-31T00:00:00Z", "1960-01-01", "2" * 99])
def test_what_is_no_moment(text: str) -> None:
    assert moment_of(text) is None


@pytest.mark.parametrize(
    ("millis", "time"), [(1_796_040_000_500, 1_796_040_000.5), (-1, None), (1e99, None), (float("nan"), None)]
)
def test_milliseconds(millis: float, time: float | None) -> None:
    assert moment_of_millis(millis) == time
