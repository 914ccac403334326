"""What the command line knows of a verb before it is called."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """A verb: the module that adds its options and runs it, and one line of help."""

    module: str
    help: str
