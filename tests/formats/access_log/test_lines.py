import pytest

from coldtrail.formats.access_log.lines import balanced, common_time
from tests.fixtures.witnesses import ACCOUNT, BALANCED, REGION, TRACE_ID


def test_a_line_of_a_load_balancer() -> None:
    line = balanced(BALANCED.decode())
    assert line is not None
    assert (line.time, line.balancer, line.address) == (
        1_796_040_000.0,
        "app/shop/50dc6c495c0c9188",
        "203.0.113.7",
    )
    assert (line.latency_s, line.status, line.received, line.sent) == (pytest.approx(0.251), 200, 34, 366)
    assert (line.method, line.route, line.trace_id) == ("GET", "/checkout", TRACE_ID)
    assert (line.account, line.region, line.error) == (ACCOUNT, REGION, "LambdaInvalidResponse")


def test_tails_may_be_missing_or_longer() -> None:
    text = BALANCED.decode()
    short = balanced(text[: text.index(" ECDHE")])
    assert short is not None
    assert (short.status, short.trace_id) == (200, None)
    assert balanced(text + ' "new" "fields" 7') == balanced(text)
    assert balanced(text[:120]) is None


@pytest.mark.parametrize(
    ("field", "read"),
    [
        ('"Mozilla/5.0 (X11)"', "Mozilla/5.0 (X11)"),
        ('""', ""),
        ('"Mozilla/5.0"x "y"', "Mozilla/5.0"),
        ('Mozilla"5 0"', 'Mozilla"5'),
        ('"' + "x" * 9_000 + '"', '"' + "x" * 8_191),
    ],
)
def test_blanks_part_fields_outside_quotes(field: str, read: str) -> None:
    line = balanced(BALANCED.decode().replace('"Mozilla/5.0"', field))
    assert line is not None
    assert line.user_agent == read


@pytest.mark.parametrize(
    ("request_", "route"),
    [
        ("GET https://shop.example:443/checkout/7?token=x HTTP/2.0", "/checkout"),
        ("GET http://shop.example/ HTTP/1.1", "/"),
        ("GET http://shop.example/8f507cfc/x HTTP/1.1", None),
        ("- - - ", None),
        ("GET http://10.0.0.1:80 HTTP/1.1", "/"),
    ],
)
def test_only_the_first_word_of_a_path_is_kept(request_: str, route: str | None) -> None:
    old = "GET https://shop.example:443/checkout/7?token=x HTTP/2.0"
    line = balanced(BALANCED.decode().replace(old, request_))
    assert line is not None
    assert line.route == route


def test_an_address_of_the_newer_kind() -> None:
    line = balanced(BALANCED.decode().replace("203.0.113.7:2817", "[2001:db8::1]:2817"))
    assert line is not None
    assert line.address == "2001:db8::1"


@pytest.mark.parametrize("text", ["", "30/Foo/2026:12:00:00 +0000", "31/Feb/2026:12:00:00 +0000", "x" * 99])
def test_what_is_no_time(text: str) -> None:
    assert common_time(text) is None
