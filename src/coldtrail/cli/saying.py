"""What the command says on standard error: one line each."""

from __future__ import annotations

import argparse
from typing import NoReturn

from coldtrail.alerts.showing.plain import short
from coldtrail.cli.streams import tell

_LONGEST = 2_000


def say(text: str) -> None:
    """Prints the text, which may hold names from telemetry, as one line after the name of the command."""
    tell(f"coldtrail: {short(text, _LONGEST)}")


class Parser(argparse.ArgumentParser):
    """A parser that shows what it was given without letting it act: a shell makes `*` the names of files."""

    def error(self, message: str) -> NoReturn:
        """Ends the command as wrong use."""
        super().error(short(message, _LONGEST))
