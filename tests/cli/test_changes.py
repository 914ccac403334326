"""What is told of a model that changed."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from coldtrail.cli.changes import print_changes
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.history import History
from coldtrail.learning.known import changes, known
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import GET, stolen


def told(history: History, more: History) -> str:
    out = StringIO()
    print_changes(changes(known(history), known(more), 50), Console(file=out, width=140))
    return out.getvalue()


def test_news_are_named_and_the_rest_is_a_number() -> None:
    old = [*make_history(40), *make_history(60, function="Pay", prefix="p")]
    many = [make_flow([("Get", "S3", f"b{i}", 0.01), GET], flow_id=f"m{i}") for i in range(9)]
    new = [*old, stolen(), *many, *make_history(61, function="Pay", prefix="p")[60:]]
    said = told(History(Vocabulary()).add(old), History(Vocabulary()).add(new))
    assert "  Order (shop)\n    ready to be judged\n" in said
    assert "resources: S3 b0, S3 b1, S3 b2, S3 b3, S3 b4, S3 b5 and 4 more" in said
    assert "Nothing new but more flows: 1 functions." in said


def test_a_new_function_is_told_as_one() -> None:
    old = make_history(60)
    said = told(History(Vocabulary()).add(old), History(Vocabulary()).add([*old, stolen("s1")]))
    assert "resources: S3 loot" in said
    said = told(History(Vocabulary()), History(Vocabulary()).add(old))
    assert "    a new function, 60 flows\n" in said
