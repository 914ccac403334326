import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.names.masking import Names, clean, normalise

STABLE = (
    "thumbgen-images-sb-4362",
    "booking-archive",
    "realworld-dev-users",
    "aws-dev",
    "amazon-review10mb-data-6505",
    "123456789012:customer-data",
    "aqk7l5ytj2.execute-api.eu-west-1.amazonaws.com",
    "198.51.100.7",
    "## lambda_handler",
    "Attempt #1",
    "deadbeef",
    "v2",
)


@pytest.mark.parametrize("name", STABLE)
def test_stable_names_stay(name: str) -> None:
    assert normalise(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("upload-6f1b2c3d-0000-4abc-8def-0123456789ab.png", "upload-*.png"),
        ("reports/2026-11-20/daily", "reports/*/daily"),
        ("reports/2026/11/20/daily", "reports/*/daily"),
        ("export-20261120", "export-*"),
        ("run 2026-11-20T10:11:12.123Z end", "run * end"),
        ("run-20261120T101112Z", "run-*"),
        ("table-1a2b3c4d", "table-*"),
        ("order-1234567", "order-*"),
        ("order-1234567890123", "order-*"),
        ("key-01ARZ3NDEKTSV4RRFFQ69G5FAV", "key-*"),
        ("a1b2c3d4/e5f6a7b8", "*/*"),
    ],
)
def test_random_parts_become_stars(name: str, expected: str) -> None:
    assert normalise(name) == expected


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-fA-F\-:_T./]{0,60}", fullmatch=True))
def test_normalising_twice_changes_nothing_more(name: str) -> None:
    once = normalise(name, 40)
    assert normalise(once, 40) == once
    assert 0 < len(once) <= 40
    assert once.isprintable()


def test_long_names_are_cut_and_stay_apart() -> None:
    one, other = normalise("x" * 5_000 + "a"), normalise("x" * 5_000 + "b")
    assert len(one) == len(other) == 512
    assert one != other
    assert normalise(one) == one


def test_what_cannot_be_printed_is_replaced() -> None:
    assert normalise("a\x1b[31mb\ud800") == "a?[31mb?"
    assert clean("order-1234567\n") == "order-1234567?"
    assert normalise("") == "unnamed"


def test_names_are_kept_within_a_bound() -> None:
    names = Names(64)
    for number in range(60_000):
        assert names[f"n{number}x"]
    assert len(names) <= 50_000
    assert names["y" * 10_000] == names["y" * 10_000]
    assert "y" * 10_000 not in names


def test_hostile_names_take_no_time() -> None:
    for name in ("0" * 200_000, "a1" * 100_000, "2026-" * 40_000, "0a" * 20_000 + "g", "12345a" * 30_000):
        assert len(normalise(name)) <= 512
