import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.names import credentials
from coldtrail.features.names.credentials import without_secrets
from coldtrail.features.names.masking import clean, normalise

KEY = "AKIA" + "IOSFODNN7EXAMPLE"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (KEY, "*"),
        (f"upload with {KEY}", "upload with *"),
        (KEY.replace("AKIA", "ASIA"), "*"),
        (f"call {JWT} end", "call * end"),
        (JWT.lower(), "*"),
        ("Bearer abcdef123", "*"),
        ("ghp_" + "a1" * 18, "*"),
        ("sk_live_" + "a1" * 12, "*"),
        ("pay 4111 1111 1111 1111", "pay *"),
        ("3782-822463-10005", "*"),
        ("pay 0e92b985-4539-4207-9886-5662", "pay 0e92b985-*"),
        ("0e92b985-4539-4207-9886-5662c65e5ef4@mail.test", "*"),
        ("postgres://app:hunter2@db/shop", "postgres://*db/shop"),
        ("get https://u:pa55/word@h2.example/x now", "get https://*h2.example/x now"),
        ("https://api/x?key=1&token=2", "https://api/x?*"),
        ("Server=db;Password=hunter2;", "Server=db;*;"),
        ("SELECT pan FROM cards WHERE pan = 4", "*"),
        ("run insert into cards values (4)", "run *"),
        ("mail to alice.b@mail.test now", "mail to * now"),
        ("alice@company.com", "*"),
    ],
)
def test_what_is_secret_by_its_form_is_hidden(name: str, expected: str) -> None:
    assert without_secrets(name) == expected
    assert without_secrets(expected) == expected


@pytest.mark.parametrize(
    "name",
    [
        "orders@shop.example",
        "shop@db.shop.internal",
        "ebdb@aawijb5u25wdoy.cpamxznpdoq8.us-west-2.rds.amazonaws.com",
        "shop@10.0.0.7:5432",
        "shop@localhost",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf",
        "token-service",
        "select-from-queue",
        "## update cart",
        "AKIA-report",
        "basic",
        "2026-1130-1200-0001-x",
        "0e92b985-4539-4207-9886-5662c65e5ef4",
        "upload-0E92B985-4539-4207-9886-5662C65E5EF4.pdf",
    ],
)
def test_names_of_things_stay(name: str) -> None:
    assert without_secrets(name) == name


def test_names_are_cleaned_of_it_wherever_they_come_in() -> None:
    assert clean(f"step {KEY}") == normalise(f"step {KEY}") == "step *"
    long = f"{KEY} " + "x" * 5_000
    assert clean(long).startswith("* x")
    assert len(clean(long)) == 512
    assert clean(long + "a") != clean(long + "b")


def test_the_longest_name_takes_no_longer_than_its_beginning() -> None:
    assert "select" not in clean("select x from " * 200_000)[:100]


PIECES = (
    *(KEY, JWT, "Bearer", "basic", " ", "abcdef12", "ghp_", "glpat-", "sk_live_", "xoxb-", "a1" * 10, "4111"),
    *(
        "-",
        "1111",
        "3782",
        "822463",
        "10005",
        "://",
        "app:pw",
        "@",
        "?",
        "k=",
        "token",
        "=",
        "select",
        "from",
    ),
    *("insert", "into", "x.", "mail.test", "update", "set", "delete", ";", "AKIA", "github_pat_"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_names_that_are_spared_the_search_hold_nothing(name: str) -> None:
    assert without_secrets(name) == credentials._SECRET.sub(credentials._hidden, name)
