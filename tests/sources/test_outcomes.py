"""When a file is read no further."""

from __future__ import annotations

from coldtrail.sources.outcomes import MOST_REFUSED, Outcomes


def noted(outcomes: Outcomes, origin: str, accepted: bool | None, times: int = MOST_REFUSED) -> None:
    for _ in range(times):
        outcomes.note(origin, accepted)


def test_a_file_that_gives_nothing_but_refusals_is_left() -> None:
    outcomes = Outcomes()
    noted(outcomes, "a", False, MOST_REFUSED - 1)
    assert outcomes.hopeless == set()
    outcomes.note("a", False)
    assert outcomes.hopeless == {"a"}


def test_one_that_was_accepted_keeps_the_whole_file() -> None:
    outcomes = Outcomes()
    noted(outcomes, "a", False, MOST_REFUSED - 1)
    outcomes.note("a", True)
    noted(outcomes, "a", False, 3 * MOST_REFUSED)
    assert outcomes.hopeless == set()


def test_each_file_counts_for_itself() -> None:
    outcomes = Outcomes()
    outcomes.note("a", True)
    noted(outcomes, "b", False)
    noted(outcomes, "c", False, MOST_REFUSED - 1)
    noted(outcomes, "d", False)
    assert outcomes.hopeless == {"b", "d"}


def test_where_others_know_the_file_is_looked_at_again() -> None:
    asked = []

    def look_again(origin: str) -> bool:
        asked.append(origin)
        return origin == "good"

    outcomes = Outcomes(look_again)
    for origin in ("good", "bad"):
        noted(outcomes, origin, False, 7)
        noted(outcomes, origin, None)
    noted(outcomes, "known", False)
    assert asked == ["good", "bad"]
    assert outcomes.hopeless == {"bad", "known"}
