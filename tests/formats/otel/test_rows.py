from coldtrail.config import LimitSettings
from coldtrail.formats.otel.calls import CLIENT, SERVER
from coldtrail.formats.otel.rows import Part, Rows
from coldtrail.formats.otel.spans import Told

TRACE, SPAN = "A" * 32, "B" * 16


def told(
    rows: Rows, ids: tuple[str, str, str | None], problems: list[str], **attributes: object
) -> Told | None:
    kind = CLIENT if attributes else SERVER
    row = rows.row("x", kind, attributes, {"service.name": "shop"})
    return rows.told(ids, row, 5.0, 6.0, False, problems)


def test_ids_are_spelt_as_others_spell_them() -> None:
    span = told(Rows(LimitSettings()), (TRACE, SPAN, "|abc.def."), [])
    assert span is not None
    assert (span.trace_id, span.span_id, span.parent_id) == ("a" * 32, "b" * 16, "|abc.def.")
    assert (span.start, span.end) == (5.0, 6.0)


def test_a_parent_that_is_the_trace_is_none() -> None:
    span = told(Rows(LimitSettings()), (TRACE, SPAN, TRACE), [])
    assert span is not None
    assert span.parent_id is None


def test_rows_of_one_make_mean_the_same() -> None:
    rows = Rows(LimitSettings())
    spans = [told(rows, (TRACE, SPAN, None), [], **{"server.address": "a.example", "secret": "x"})] * 2
    assert spans[0] is not None
    assert spans[1] is not None
    assert spans[0].meaning is spans[1].meaning
    assert spans[0].meaning.step.target == "a.example"


def test_unusable_ids_are_told() -> None:
    problems: list[str] = []
    for ids in (("", SPAN, None), (TRACE, "\x1b", None), (TRACE, "x" * 300, None)):
        assert told(Rows(LimitSettings()), ids, problems) is None
    assert len(problems) == 3


def test_what_a_key_says_all_of_is_worked_out_once() -> None:
    rows, asked = Rows(LimitSettings()), []

    def part() -> Part:
        asked.append(1)
        return "x", SERVER, {}, {"service.name": "shop"}

    assert rows.remembered(("a", 1), part) is rows.remembered(("a", 1), part)
    rows.remembered(("a", ["odd"]), part)
    rows.remembered(("a", "x" * 2_000), part)
    rows.remembered(("a", "x" * 2_000), part)
    assert len(asked) == 4


def test_what_is_remembered_is_bounded() -> None:
    rows = Rows(LimitSettings())
    for number in range(50_100):
        rows._token("server.address", str(number))
    assert len(rows._tokens) <= 50_000
    assert rows._token("server.address", "y" * 9_000) is not None
