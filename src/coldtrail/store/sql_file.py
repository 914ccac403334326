"""A file of SQL: its queries by name, and the steps of its schema."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import NamedTuple

_TITLE = re.compile(r"-- (query (?P<query>\w+)|up (?P<up>\d+)|down (?P<down>\d+))(:.*)?")


class SqlFile(NamedTuple):
    """What a file holds."""

    queries: dict[str, str]
    up: dict[int, tuple[str, ...]]
    """Statements that lead from the version before to this one."""
    down: dict[int, tuple[str, ...]]
    """Statements that lead back."""

    @property
    def version(self) -> int:
        """The latest version of the schema."""
        return max(self.up)


def sql_file(dialect: str) -> SqlFile:
    """The file of a dialect, as it lies beside this module."""
    return parsed((files("coldtrail.store") / "sql" / f"{dialect}.sql").read_text(encoding="utf-8"))


def parsed(text: str) -> SqlFile:
    """The parts of a file, which begin with a title each: `-- query name`, `-- up 1`, `-- down 1`. Statements
    end with a semicolon at the end of a line."""
    found = SqlFile({}, {}, {})
    titles = [
        title for title in _TITLE.finditer(text) if title.start() == 0 or text[title.start() - 1] == "\n"
    ]
    ends = [title.start() for title in titles[1:]] + [len(text)]
    for title, end in zip(titles, ends, strict=True):
        statements = _statements(text[title.end() : end])
        if title["query"]:
            (found.queries[title["query"]],) = statements
        else:
            steps = found.up if title["up"] else found.down
            steps[int(title["up"] or title["down"])] = statements
    return found


def _statements(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in re.split(r";[ \t]*(?:\n|$)", text) if one.strip())
