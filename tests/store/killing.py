"""A process that commits until it is killed, and what has to be there afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys

from coldtrail.store.database import Database, Page
from tests.alerts.live_alerts import START
from tests.store.kept import alert_row, make_checkpoint

WRITER = """
import sys
from coldtrail.store.database import Changes
from coldtrail.store.databases import open_database
from tests.store.kept import alert_row, make_case, make_checkpoint, make_verdict

database = open_database(sys.argv[1])
for number in range(int(sys.argv[2]), 10**9):
    database.commit(Changes(
        checkpoint=make_checkpoint(number, 200_000),
        verdicts=tuple(make_verdict(f"{number}-{one}", flow=bytes(5_000)) for one in range(20)),
        alerts=(alert_row(f"a{number:06}", number),),
        cases=(make_case("c", number, title="x" * number),),
        counts={"commits": 1},
    ))
    print(number, flush=True)
"""


def killed(place: str, first: int, after: int) -> int:
    """The last commit that a process knew to be on disk when it was killed in the midst of another."""
    command = [sys.executable, "-c", WRITER, place, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        last = first - 1
        for line in writer.stdout:
            last = int(line)
            if last >= first + after:
                writer.send_signal(signal.SIGKILL)
                break
        return max([last, *map(int, writer.stdout)])


def check_whole(database: Database) -> int:
    """That each commit is there as a whole; how many there are."""
    commits = database.counts().get("commits", 0)
    found, after = database.alerts(page=Page(100))
    while after:
        some, after = database.alerts(page=Page(100, after))
        found += some
    assert [row.alert.id for row in found] == [f"a{n:06}" for n in reversed(range(commits))]
    assert all(row == alert_row(row.alert.id, float(row.alert.id[1:])) for row in found)
    assert len(list(database.verdicts())) == 20 * commits
    checkpoint, case = database.checkpoint(), database.case("c")
    if commits:
        assert checkpoint == make_checkpoint(commits - 1, 200_000)
        assert case is not None
        assert (case.last_seen, len(case.title)) == (START + commits - 1, commits - 1)
    return commits
