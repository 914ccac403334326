"""What is told of names that are treated as one."""

from __future__ import annotations

from coldtrail.features.names.remarks import OWN_STEPS, Remark
from coldtrail.testing import make_key


def test_a_remark_names_some_forms_and_how_many_more_there_are() -> None:
    told = Remark((make_key(), "S3"), 40, 900, ("a-{hex:7}", "b-{hex:7}", "c-{hex:7}", "d-{hex:7}"))
    assert told.sentence == (
        "Order keeps naming new S3 resources (40 names in 900 runs): those of the form a-{hex:7}, b-{hex:7}, "
        "c-{hex:7} and 1 more forms are treated as one, and a new one of it is no alarm."
    )


def test_what_words_may_hide_in_is_to_be_looked_at() -> None:
    told = Remark((make_key(), OWN_STEPS), 1_234, 9_000, ("{letters:3-9}",), 0.2, ("acme", "globex"), True)
    assert "new steps of its own (about 1,200 names in 9,000 runs)" in told.sentence
    assert "New ones come in 20 % of its runs (such as acme, globex)" in told.sentence
