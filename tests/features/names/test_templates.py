import pytest

from coldtrail.features.names.templates import ANY, Template, Wildcard, pattern_of

HEX8 = Wildcard("hex", "0-9a-f", 8, 8, digit=True)


def test_a_template_reads_like_its_names() -> None:
    template = Template(("booking-", HEX8, ".json"))
    assert template.text == "booking-{hex:8}.json"
    assert template.beginning == "booking-"
    assert template.telling
    assert not template.takes_words
    assert Wildcard("digits", "0-9", 1, 4).text == "{digits:1-4}"


def test_a_name_of_another_constant_part_does_not_fit() -> None:
    fits = Template(("upload-", HEX8)).compiled().fullmatch
    assert fits("upload-9f3c2a11")
    for other in (
        "exfil-9f3c2a11",
        "upload-9f3c2a1",
        "upload-9f3c2a111",
        "upload-9f3c2a1g",
        "upload-deadbeef",
    ):
        assert fits(other) is None
    assert Template(("a.b-", HEX8)).compiled().fullmatch("aXb-9f3c2a11") is None


def test_an_ending_alone_or_words_that_vary_tell_little() -> None:
    assert not Template((HEX8, ".json")).telling
    assert not Template(("*-", HEX8)).telling
    assert not Template(("tenant-", Wildcard("letters", "a-z", 3, 9))).telling
    assert Template((HEX8, ".execute-api.us-east-1.amazonaws.com")).telling


def test_what_says_more_comes_first() -> None:
    wide = Template(("upload-", Wildcard(ANY, "a-z0-9", 1, 20)))
    short, long = Template(("up", HEX8)), Template(("upload-", HEX8))
    assert sorted([wide, short, long], key=lambda one: one.rank) == [long, short, wide]


def test_a_template_can_be_read_back() -> None:
    pattern = pattern_of("a.b-{hex:8}/{any:1-3}.json")
    assert pattern is not None
    assert pattern.fullmatch("a.b-9f3c2a11/x-y.json")
    assert pattern.fullmatch("aXb-9f3c2a11/x-y.json") is None
    assert pattern.fullmatch("a.b-9f3c2a11/toolong.json") is None


@pytest.mark.parametrize("name", ["", "archive", "{odd:8}", "{hex}", "{hex:x}"])
def test_a_plain_name_is_no_template(name: str) -> None:
    assert pattern_of(name) is None


HOSTILE = "{any:0-400}" * 3 + "x"


@pytest.mark.parametrize("text", [HOSTILE, "{any:0-500}" * 40, "{digits:1-9}" * 7, "{any:1-99999999999}"])
def test_a_name_that_would_take_for_ever_to_match_is_a_plain_one(text: str) -> None:
    assert pattern_of(text) is None


def test_forms_of_several_parts_are_matched() -> None:
    pattern = pattern_of("{digits:1-4}-{digits:1-2}-{hex:8}/{any:1-300}")
    assert pattern is not None
    assert pattern.fullmatch("2026-11-0123abcd/x")
