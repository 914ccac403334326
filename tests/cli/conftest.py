"""The command, ready to run."""

from __future__ import annotations

import pytest

from tests.cli.command import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)
