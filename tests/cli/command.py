"""Runs the command inside this process, and keeps what it said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from coldtrail.cli import main


class Said(NamedTuple):
    """What a command left: its status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result of `--json`."""
        return json.loads(self.out)


Run = Callable[..., Said]


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `coldtrail` with arguments."""

    def run(*arguments: str | Path) -> Said:
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
        return Said(status, *capsys.readouterr())

    return run


def is_one_sentence(said: str) -> bool:
    """Whether standard error holds one line of the command, and nothing like a traceback."""
    return said.count("\n") == 1 and said.startswith("coldtrail: ") and said.endswith(".\n")
