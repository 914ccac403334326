from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.names.families import FEW, MANY, learn_templates
from tests.features.naming_words import BASE36, DIGITS, HEX, LOWER, URL_SAFE, Maker

Make = Callable[[Maker], str]

REALISTIC: dict[str, tuple[Make, set[str]]] = {
    "bucket": (lambda m: f"booking-{m.of(HEX, 7)}", {"booking-{hex:7}"}),
    "object": (lambda m: f"export-{m.of(HEX, 6)}.json", {"export-{hex:6}.json"}),
    "temporary table": (lambda m: f"tmp{m.of(BASE36, 8)}", {"tmp{id:8}"}),
    "stack's bucket": (lambda m: f"shop-Bucket-{m.of(BASE36, 13).upper()}", {"shop-Bucket-{ID:13}"}),
    "per tenant": (lambda m: f"tenant-{m.of(DIGITS, 4)}-data", {"tenant-{digits:4}-data"}),
    "execution": (lambda m: f"ProcessBooking:run-{m.of(HEX, 5)}", {"ProcessBooking:run-{hex:5}"}),
    "job": (lambda m: f"ExportJob{m.of(HEX, 5).upper()}Temp", {"ExportJob{HEX:5}Temp"}),
    "host": (
        lambda m: f"{m.of(BASE36, 10)}.execute-api.us-east-1.amazonaws.com",
        {"{id:10}.execute-api.us-east-1.amazonaws.com"},
    ),
    "signed host": (
        lambda m: f"media-{m.of(BASE36, 6)}.s3.eu-west-1.amazonaws.com",
        {"media-{id:6}.s3.eu-west-1.amazonaws.com"},
    ),
    "three families": (
        lambda m: f"{m.random.choice(['upload', 'thumb', 'raw'])}-{m.of(HEX, 7)}-prod",
        {"upload-{hex:7}-prod", "thumb-{hex:7}-prod", "raw-{hex:7}-prod"},
    ),
    "shards": (lambda m: f"job-{m.of(HEX, 2)}-{m.of(HEX, 6)}", {"job-{hex:2}-{hex:6}"}),
    "regions": (
        lambda m: f"cache-us-east-{m.random.choice('12')}-{m.of(HEX, 6)}",
        {"cache-us-east-1-{hex:6}", "cache-us-east-2-{hex:6}"},
    ),
}


@pytest.mark.parametrize(("make", "expected"), REALISTIC.values(), ids=REALISTIC.keys())
@pytest.mark.parametrize("number", [60, 400])
def test_realistic_names_have_their_templates(make: Make, expected: set[str], number: int) -> None:
    maker = Maker()
    templates = learn_templates([make(maker) for _ in range(number)], generous=False)
    assert {template.text for template in templates} == expected
    patterns = [template.compiled() for template in templates]
    assert all(any(pattern.fullmatch(name) for pattern in patterns) for name in (make(maker),) * 50)


def test_few_names_are_enough_where_a_word_is_constant() -> None:
    maker = Maker()
    names = [f"booking-{maker.of(HEX, 7)}" for _ in range(FEW)]
    assert [template.text for template in learn_templates(names, False)] == ["booking-{hex:7}"]
    assert learn_templates(names[:-1], True) == ()


def test_weeks_and_counters_leave_room_for_what_comes() -> None:
    weeks = learn_templates([f"events-2026w{week:02}" for week in range(5, 20)], False)
    assert [template.text for template in weeks] == ["events-2026w{digits:2}"]
    (counter,) = learn_templates([f"job-{number}" for number in range(1, 100)], False)
    assert counter.compiled().fullmatch("job-100")


def test_words_vary_only_for_the_generous() -> None:
    maker = Maker()
    names = [f"tenant-{maker.word()}" for _ in range(2 * MANY)]
    assert learn_templates(names, False) == ()
    assert [template.text for template in learn_templates(names, True)] == ["tenant-{letters:3-11}"]
    assert learn_templates(names[: MANY - 1], True) == ()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda m: m.of(BASE36, 9), {"{id:9}"}),
        (lambda m: f"*-{m.of(BASE36, 6)}", {"*-{id:6}"}),
        (lambda m: f"session-{m.of(URL_SAFE, 21)}", {"session-{any:21}"}),
        (lambda m: f"{m.of(HEX, 6)}.json", {"{hex:6}.json"}),
    ],
)
def test_names_without_a_constant_word_are_contained_for_the_generous(make: Make, expected: set[str]) -> None:
    maker = Maker()
    names = [make(maker) for _ in range(300)]
    assert {template.text for template in learn_templates(names, True)} == expected


def test_whatever_comes_is_contained_in_a_handful_of_templates() -> None:
    maker = Maker()
    names = [f"{maker.word()}.{maker.word()}-{maker.of(URL_SAFE, 5)}.{maker.word()}" for _ in range(500)]
    templates = learn_templates(names, True)
    patterns = [template.compiled() for template in templates]
    assert len(templates) <= 8
    assert sum(any(pattern.fullmatch(name) for pattern in patterns) for name in names) >= 490


def test_accounts_never_vary() -> None:
    maker = Maker()
    foreign = [f"{maker.of('123456789', 12)}:bucket-{maker.of(HEX, 4)}" for _ in range(100)]
    assert learn_templates(foreign, True) == ()
    results = [f"results-{maker.of('123456789', 12)}-eu-west-1" for _ in range(100)]
    templates = learn_templates(results, False)
    assert not any(one.compiled().fullmatch("results-999999999999-eu-west-1") for one in templates)


@given(st.lists(st.text(max_size=30) | st.from_regex(r"[a-z0-9_.{}\-]{0,20}", fullmatch=True), max_size=60))
def test_any_names_give_templates_that_can_be_read(names: list[str]) -> None:
    templates = learn_templates(names, True)
    assert learn_templates(names[::-1] + names, True) == templates
    for template in templates:
        assert template.wildcards
        assert "{" in template.text
        pattern = template.compiled()
        assert sum(pattern.fullmatch(name) is not None for name in set(names)) >= FEW


def test_letters_are_no_hex_and_a_word_no_id() -> None:
    maker = Maker()
    (template,) = learn_templates([f"booking-{maker.of(HEX, 8)}" for _ in range(100)], False)
    assert not template.compiled().fullmatch("booking-deadbeef")
    words = learn_templates([f"x-{maker.of('abcdef', 6)}" for _ in range(MANY)], True)
    assert [one.text for one in words] == ["x-{letters:6}"]
    assert learn_templates([f"x-{maker.of(LOWER, 5)}é" for _ in range(MANY)], True) == ()
