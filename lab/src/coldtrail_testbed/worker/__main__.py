"""The fork server: one process imports everything once; in each fork runs a real Lambda runtime client.

It reads one JSON order a line from its standard input and answers each with a line: `{"start": handler,
"environment": {...}}` with the process id; `{"look": process id}` with the wait status of a process that has
ended, -1 while it runs; `{"end": process id}` with the wait status, once the process has been ended. When its
input closes, because the run ended in whatever way, it ends its children and then itself.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.worker import time_source
from coldtrail_testbed.worker.children import answered
from coldtrail_testbed.worker.originals import MOST, Originals
from coldtrail_testbed.worker.preparing import import_everything


def main() -> None:
    """None; returns when the standard input is closed."""
    clock, computed = (VirtualClock(Path(os.environ[f"TESTBED_{name}"])) for name in ("CLOCK", "COMPUTED"))
    time_source.install(clock)
    import_everything()
    originals = Originals(clock, computed, int(os.environ.get("TESTBED_ORIGINALS", MOST)))
    for line in sys.stdin:
        sys.stdout.write(f"{answered(json.loads(line), originals)}\n")
        sys.stdout.flush()
    originals.end_all()
    if "TESTBED_FOLDER" in os.environ:
        # A run that was killed cannot clean up after itself.
        shutil.rmtree(os.environ["TESTBED_FOLDER"], ignore_errors=True)


if __name__ == "__main__":
    main()
