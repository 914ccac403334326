import subprocess
import sys
from pathlib import Path

from coldtrail_testbed.clock import VirtualClock, shared_clock

from .conftest import START


def test_stands_still_until_advanced(clock: VirtualClock) -> None:
    assert clock.now() == clock.now() == START
    assert clock.advance(0.25) == START + 0.25
    clock.set(START - 10)
    assert clock.now() == START - 10


def test_is_shared_through_its_file(clock: VirtualClock) -> None:
    other = VirtualClock(clock.path)
    other.advance(7)
    assert clock.now() == START + 7
    other.close()


_PROGRAM = """
import datetime, sys, time
real = datetime.datetime.now()
from pathlib import Path
from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.worker import time_source
time_source.install(VirtualClock(Path(sys.argv[1])))
from datetime import datetime as replaced
time.sleep(100)
assert time.time() == 1100.0, time.time()
assert time.time_ns() == 1_100_000_000_000
assert replaced.now(datetime.UTC).timestamp() == 1100.0
assert replaced.now().timestamp() == replaced.today().timestamp() == 1100.0
assert replaced.utcnow().minute == 18
assert isinstance(real, replaced) and isinstance(replaced.now(), type(real))
"""


def test_replaces_the_time_of_a_process(tmp_path: Path) -> None:
    with shared_clock(tmp_path / "clock", 1000.0) as clock:
        subprocess.run([sys.executable, "-c", _PROGRAM, str(clock.path)], check=True, timeout=20)
        assert clock.now() == 1100.0
