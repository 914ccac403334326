"""The command, ready to run."""

from tests.cli.conftest import run

__all__ = ["run"]
