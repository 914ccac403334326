"""What statements do, without a word of what they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.formats.statements import verb_of


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("SELECT * FROM t", "SELECT"),
        ("  insert into t values (?)", "INSERT"),
        ("/* api */ -- by shop\n (SELECT 1)", "SELECT"),
        ("# by shop\nDELETE FROM t", "DELETE"),
        ("INSERT INTO t SELECT * FROM u WHERE note = 'x; DROP TABLE t'", "INSERT"),
        ("SELECT * FROM t FOR UPDATE", "SELECT"),
        ("CREATE TABLE t AS SELECT 1", "CREATE"),
        ("hunter2", "query"),
        ("correct horse", "query"),
        ("select_secret", "query"),
        ("/* never closed", "query"),
        ("/* never closed; DELETE FROM t", "query"),
        (" ; ; ", "query"),
        ("", "query"),
        (None, "query"),
    ],
)
def test_of_a_statement_its_verb_alone_is_kept(statement: str | None, verb: str) -> None:
    assert verb_of(statement) == verb


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("WITH x AS (SELECT 1) SELECT * FROM x", "SELECT"),
        ("WITH x AS (SELECT 1) DELETE FROM t USING x", "DELETE"),
        ("WITH x (a, b) AS (DELETE FROM t RETURNING *), y AS (SELECT 1) SELECT * FROM x", "DELETE; SELECT"),
        ("WITH RECURSIVE x AS MATERIALIZED (SELECT 1)\nINSERT INTO t SELECT * FROM x", "INSERT"),
        ("WITH x AS (SELECT (1", "WITH"),
        ("PREPARE p (int) AS DELETE FROM t WHERE id = $1", "DELETE; PREPARE"),
        ("PREPARE p AS WITH x AS (SELECT 1) UPDATE t SET a = 1", "PREPARE; UPDATE"),
        ("EXPLAIN (ANALYZE) DELETE FROM t", "DELETE; EXPLAIN"),
        ("EXECUTE p (1)", "EXECUTE"),
    ],
)
def test_what_stands_behind_other_words_is_done_as_well(statement: str, verb: str) -> None:
    assert verb_of(statement) == verb


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("SELECT 1; DROP TABLE t", "DROP; SELECT"),
        ("SELECT 1; DROP TABLE t; --", "DROP; SELECT"),
        ("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);", "INSERT"),
        ("SELECT ';' || \";\"; DELETE FROM t", "DELETE; SELECT"),
        ("SELECT $a$; DROP TABLE t $a$", "SELECT"),
        ("SELECT 1 # 2; DELETE FROM t", "DELETE; SELECT"),
        ("SELECT 5--1; DELETE FROM t", "DELETE; SELECT"),
        ("SELECT (1; DELETE FROM t", "DELETE; SELECT"),
        ("{call x}; DELETE FROM t", "CALL; DELETE"),
        ("so what; DELETE FROM t", "DELETE; query"),
        ("SET a = 1; BEGIN; UPDATE t SET a = 1; COMMIT; DELETE FROM t", "BEGIN; COMMIT; DELETE; SET"),
    ],
)
def test_several_statements_do_all_that_each_does(statement: str, verb: str) -> None:
    assert verb_of(statement) == verb


PARTS = [
    "SELECT",
    "DELETE",
    "WITH",
    "EXPLAIN",
    "AS",
    "x",
    "(",
    ")",
    ";",
    "'",
    '"',
    "`",
    "$",
    "#",
    "-",
    "/",
    "*",
]


@given(st.lists(st.sampled_from([*PARTS, " ", "\n"])).map("".join) | st.text())
def test_nothing_of_a_statement_gets_out_but_words_of_sql(statement: str) -> None:
    verb = verb_of(statement)
    assert all(one == "query" or one.casefold() in statement.casefold() for one in verb.split("; "))
    assert verb_of(verb) == verb


def test_long_statements_of_quotes_and_comments_take_no_long_time() -> None:
    for part in ("/*", "'", '"', "$a$", "$b", "--", "((", "/* '"):
        assert verb_of("SELECT 1 " + 4_000 * part) == "SELECT"
