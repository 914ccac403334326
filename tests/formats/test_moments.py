import pytest

from coldtrail.formats.moments import moment_of, moment_of_millis


@pytest.mark.parametrize(
    "text",
    ["2026-11-30T12:00:00Z", "2026-11-30T12:00:00.000+00:00", "2026-11-30 12:00:00", "20261130T130000+0100"],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert moment_of(text) == 1_796_040_000.0


@pytest.mark.parametrize("text", ["", "now", "1796040000", "9999-12-31T00:00:00Z", "1960-01-01", "2" * 99])
def test_what_is_no_moment(text: str) -> None:
    assert moment_of(text) is None


@pytest.mark.parametrize(
    ("millis", "time"), [(1_796_040_000_500, 1_796_040_000.5), (-1, None), (1e99, None), (float("nan"), None)]
)
def test_milliseconds(millis: float, time: float | None) -> None:
    assert moment_of_millis(millis) == time
