"""Families of names in regular use, and which of them grow."""

from __future__ import annotations

from math import inf

import pytest

from coldtrail.features.names.tenants import Named, Tenancy, growing, tenancies, usual_growth

LAST = 100.0


def names(number: int, late: int = 0, beginning: str = "orders-", runs: int = 40) -> dict[str, Named]:
    """So many in regular use, some of which came in the second half of the time."""
    words = ("acme", "globex", "initech", "umbrella", "hooli", "soylent", "tyrell", "wonka", "stark", "wayne")
    return {
        f"{beginning}{words[at % 10]}{at + 3}": (runs, 80.0 if at >= number - late else 1.0)
        for at in range(number)
    }


def test_a_family_is_known_by_a_word_and_a_number_behind_what_is_constant() -> None:
    (found,) = tenancies(names(8, late=2) | {"archive": (300, 0.0), "stock-2": (90, 0.0)}, LAST)
    assert found.template.text == "orders-{letters:3-9}{digits:1-3}"
    assert (found.names, found.late, found.settled) == (8, 2, 2)


def test_names_that_came_late_and_were_hardly_used_since_have_not_settled() -> None:
    (found,) = tenancies(names(8, late=3, runs=2), LAST)
    assert (found.late, found.settled) == (3, 0)


def test_few_names_and_words_alone_make_no_family() -> None:
    assert tenancies(names(4, late=2), LAST) == []
    assert tenancies({f"orders-{'abcdefghij'[at] * 5}": (40, 80.0) for at in range(10)}, LAST) == []
    assert tenancies(names(8, late=2), -inf) == [], "of a history of which nobody kept when it ended"


def test_each_family_of_a_function_is_one_of_its_own() -> None:
    found = tenancies(names(8) | names(6, beginning="mail-"), LAST)
    assert sorted(one.names for one in found) == [6, 8]


@pytest.mark.parametrize(("late", "usual", "grows"), [(0, 0.0, False), (1, 0.0, True), (0, 0.5, True)])
def test_a_family_grows_by_its_own_late_names_or_as_others_do(late: int, usual: float, grows: bool) -> None:
    families = tenancies(names(8, late), LAST)
    assert (growing(families, usual) != ()) is grows


def test_objects_of_a_bucket_may_always_be_joined_by_others() -> None:
    (found,) = tenancies(names(8, beginning="store/orders/"), LAST)
    assert growing([found], 0.0) == (found.template,)


def test_families_of_an_application_grow_alike() -> None:
    some = tenancies(names(8, late=2), LAST) + tenancies(names(8), LAST)
    assert usual_growth(some) == 1.0
    assert usual_growth([]) == 0.0
    assert isinstance(some[0], Tenancy)
