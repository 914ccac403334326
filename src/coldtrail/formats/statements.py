"""What SQL statements do, in their verbs alone: no other word of a statement is ever kept.

A statement does what it begins with, but what stands behind a `WITH`, in a statement that is prepared or
explained, and behind a semicolon is done as well: `WITH old AS (…) DELETE …` deletes, and so does
`SELECT 1; DELETE …`. Whether a quote behind a backslash ends a text differs between databases; here it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NO_VERB = "query"
_VERBS = """
ALTER ANALYZE ATTACH BACKUP BEGIN CALL CHECKPOINT CLOSE COMMENT COMMIT COPY CREATE DEALLOCATE
DECLARE DELETE DENY DESC DESCRIBE DETACH DISCARD DO DROP END EXEC EXECUTE EXPLAIN FETCH FLUSH GRANT
HANDLER IMPORT INSERT KILL LISTEN LOAD LOCK MERGE NOTIFY OPTIMIZE PING PRAGMA PREPARE REFRESH
REINDEX RELEASE RENAME REPAIR REPLACE RESET RESTORE REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW
SHUTDOWN START TABLE TRUNCATE UNLISTEN UNLOAD UNLOCK UPDATE UPSERT USE VACUUM VALUES WITH
"""
"""Words that a statement begins with: any other word may be part of somebody's data."""
_KNOWN = frozenset(_VERBS.split())
_CHANGING = frozenset(("DELETE", "INSERT", "MERGE", "REPLACE", "UPDATE", "UPSERT"))
_INNER = _CHANGING | {"SELECT", "TABLE", "VALUES"}
_AROUND = frozenset(("EXPLAIN", "PREPARE", "WITH"))
"""Verbs that say less than what stands behind them."""
_TELLING = _KNOWN - _AROUND
_MOST_CHARS = 4_096
_MOST_VERBS = 4
_APART = "; "
_PLAIN = re.compile(r"\s*([A-Za-z]{2,16})(?!\w)")
_TEXTS = r"/\*.*?(?:\*/|\Z) | '[^']*(?:'|\Z) | \"[^\"]*(?:\"|\Z) | `[^`]*(?:`|\Z)"
_PARTS = r"\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z) | (?P<word>[^\W\d]\w*) | (?P<sign>[();]) | [^\s\w]"
_FLAGS = re.DOTALL | re.VERBOSE
_FIRST = re.compile(rf"--[^\n]* | \#[^\n]* | {_TEXTS} | {_PARTS} | \w+", _FLAGS)
_LATER = re.compile(rf"--(?=\s)[^\n]* | {_TEXTS} | {_PARTS} | \w+", _FLAGS)
"""Parts of a statement from its first word on, where a `#` is an operator of some databases."""


def verb_of(statement: str | None) -> str:
    """What a statement does (`SELECT`), or several together do (`DELETE; SELECT`); `query` where it begins
    with no word of SQL."""
    text = (statement or "")[:_MOST_CHARS]
    plain = _PLAIN.match(text)
    if plain is not None and ";" not in text and (verb := plain[1].upper()) in _TELLING:
        # As nearly all are: nothing else can be done.
        return verb
    verbs = sorted(set(_verbs(text)))
    return _APART.join(verbs[:_MOST_VERBS]) or NO_VERB


def _verbs(text: str) -> Iterator[str]:
    reading = _Reading()
    place = 0
    while found := (_FIRST if reading.begins else _LATER).search(text, place):
        place = found.end()
        yield from reading.of(found["sign"] or "", (found["word"] or "").upper())
    yield from reading.end()


class _Reading:
    """Reads statements part by part."""

    def __init__(self) -> None:
        self.begins = True
        """Whether no word of the statement has come."""
        self._around = ""
        """The verb that another one is still to come behind."""
        self._depth = 0
        """Of brackets."""
        self._opened = False
        """Whether a bracket has just opened."""

    def of(self, sign: str, word: str) -> Iterator[str]:
        """The verbs that a part tells of."""
        opened, self._opened = self._opened, sign == "("
        if sign == ";":
            yield from self.end()
        elif sign:
            self._depth += 1 if sign == "(" else -1
        elif word and self.begins:
            yield from self._first(word)
        elif word in _INNER and self._around and (self._depth <= 0 or (opened and word in _CHANGING)):
            yield word
            self._around = "" if self._depth <= 0 else self._around

    def _first(self, word: str) -> Iterator[str]:
        self.begins, self._depth = False, 0
        if word in _AROUND:
            self._around = word
        if word != "WITH":
            yield word if word in _KNOWN else NO_VERB

    def end(self) -> Iterator[str]:
        """The verb of a statement that ends without the one that was to come."""
        if self._around == "WITH":
            yield self._around
        self.begins, self._around, self._depth = True, "", 0
