import pytest

from coldtrail.formats.otel.calls import Step
from coldtrail.formats.otel.meanings import Meaning
from coldtrail.formats.otel.owners import Owner
from coldtrail.formats.otel.spans import MAX_TIME_NS, told_of

MEANING = Meaning(Step("x", "function"), Owner("f"))
START = 1_700_000_000_000_000_000


@pytest.mark.parametrize(
    ("start", "end", "ends", "problems"),
    [
        (START, START + 1_000_000, 1_700_000_000.001, 0),
        (START, START, 1_700_000_000.0, 0),
        (START, START - 200, 1_700_000_000.0, 0),
        (START, START - 5_000_000, 1_700_000_000.0, 1),
        (START, 0, None, 0),
        (START, MAX_TIME_NS, None, 1),
    ],
)
def test_ends(start: int, end: int, ends: float | None, problems: int) -> None:
    said: list[str] = []
    span = told_of("1" * 32, "2" * 16, None, start, end, False, MEANING, said)
    assert span is not None
    assert (span.end, len(said)) == (ends, problems)


@pytest.mark.parametrize(("start", "span_id"), [(0, "2" * 16), (MAX_TIME_NS, "2" * 16), (START, "0" * 16)])
def test_a_span_without_a_start_or_an_id_is_left_out_and_named(start: int, span_id: str) -> None:
    said: list[str] = []
    assert told_of("1" * 32, span_id, None, start, start + 1, False, MEANING, said) is None
    assert len(said) == 1


def test_a_meaning_that_failed_fails() -> None:
    meaning = MEANING._replace(failed=True)
    span = told_of("1" * 32, "2" * 16, None, START, START, False, meaning, [])
    assert span is not None
    assert span.failed
