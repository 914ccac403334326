"""Runs `coldtrail watch` in a process of its own, with the sources of the tests."""

import sys

from coldtrail.cli.main import main
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS
from tests.service.members import LINES, LIST

if __name__ == "__main__":
    LIVE_SOURCES.update(LINES)
    NOTIFIERS.update(LIST)
    sys.exit(main())
