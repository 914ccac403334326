from coldtrail.formats.otel.calls import Step
from coldtrail.formats.otel.meanings import Lead, Meaning
from coldtrail.formats.otel.owners import Owner
from coldtrail.formats.otel.places import NOWHERE, Place, Places, begins_run
from coldtrail.formats.otel.spans import Told

STEP = Meaning(Step("x", "function"), Owner("f"))
CALL = STEP._replace(step=Step("GET", "remote", "h", is_call=True))
RUN = STEP._replace(enters=True)
LINK = STEP._replace(may_enter=False, lead=Lead("source", "A", "b"))
SUBSEGMENT = STEP._replace(may_enter=False, is_subsegment=True, lead=Lead("hop", "subsegment", "c"))


def span(span_id: str, parent_id: str | None, meaning: Meaning = STEP, *, is_remote: bool = False) -> Told:
    return Told("t", span_id, parent_id, 1.0, 2.0, False, meaning, is_remote)


def above(*spans: Told) -> dict[str, Place]:
    nodes = {one.span_id: one for one in spans}
    places = Places(nodes)
    return {one.span_id: places.above(one) for one in spans}


def test_steps_lie_in_the_run_above_them_below_the_step_above_them() -> None:
    found = above(span("c", "b"), span("b", "a", CALL), span("a", "elsewhere", RUN))
    assert found["c"] == Place("a", "b")
    assert found["b"] == Place("a")
    assert found["a"] == Place(root_id="elsewhere")


def test_a_run_below_a_step_is_a_run_of_its_own() -> None:
    found = above(span("a", None, RUN), span("b", "a", CALL), span("c", "b", RUN), span("d", "c"))
    assert found["c"] == Place("a", "b")
    assert found["d"] == Place("c")


def test_outside_runs_the_last_that_is_named_lies_above_all() -> None:
    found = above(span("c", "b"), span("b", "elsewhere"))
    assert found == {"c": Place(None, "b", "elsewhere"), "b": Place(None, None, "elsewhere")}


def test_below_what_leads_on_subsegments_lead_on_too() -> None:
    found = above(
        span("a", None, LINK), span("b", "a", SUBSEGMENT), span("c", "b", SUBSEGMENT), span("d", "b")
    )
    assert found["b"] == found["c"] == found["d"] == Place(leads=True)
    assert above(span("a", None, RUN), span("b", "a", SUBSEGMENT))["b"] == Place("a")


def test_circles_end() -> None:
    found = above(span("a", "b"), span("b", "a"), span("c", "c"))
    assert all(place.run_id is None for place in found.values())


def test_deep_trees_are_no_matter() -> None:
    chain = [span(str(number), str(number + 1)) for number in range(50_000)]
    found = above(*chain, span("50000", None, RUN))
    assert found["0"] == Place("50000", "1")


def test_where_runs_begin() -> None:
    assert begins_run(span("a", None))
    assert begins_run(span("a", "b", is_remote=True))
    assert begins_run(span("a", "b", RUN))
    assert not begins_run(span("a", "b"))
    assert not begins_run(span("a", "b", CALL, is_remote=True))
    assert not begins_run(span("a", None, LINK))
    assert above(span("a", None)) == {"a": NOWHERE}
