"""The faults, one function each: what was done, and whether the service came through as it promises."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.faults.bench import Bench, Outcome
from benchmarks.faults.load import Sent
from coldtrail_lab.live_hearing import Webhook


class Row(NamedTuple):
    """One row of the table."""

    fault: str
    held: bool | None
    """None where it was not run."""
    what: str


class Ground(NamedTuple):
    """What all faults share."""

    folder: Path
    bundle: Path
    documents: Sequence[Sent]
    usual: Outcome
    """Of an undisturbed run."""


@contextmanager
def bench(folder: Path, bundle: Path, name: str, database: str = "", otlp: str = "") -> Iterator[Bench]:
    """A bench, whose service ends with it."""
    with Webhook("bench") as webhook:
        one = Bench(folder / name, bundle, webhook, database, otlp)
        try:
            yield one
        finally:
            one.kill()


def undisturbed(folder: Path, bundle: Path, documents: Sequence[Sent]) -> Outcome:
    """What comes of a run without any fault."""
    with bench(folder, bundle, "usual") as one:
        one.start()
        one.send(documents)
        return one.finish(_until(documents))


def compared(outcome: Outcome, ground: Ground, fault: str, what: str) -> Row:
    """The row of a fault after which all has to be as without it."""
    wrong = outcome.differs_from(ground.usual)
    same = f"other {wrong} than undisturbed" if wrong else "as undisturbed"
    told = f"{len(outcome.alerts)} alerts, {len(outcome.cases)} cases, {len(outcome.told)} told, "
    again = f"{outcome.again} messages came again with the same id; " if outcome.again else ""
    return Row(fault, not wrong and outcome.is_told_once, f"{what}: {told}{again}{same}")


def killed(ground: Ground, kills: int, seed: int) -> Row:
    """The service is killed at random moments while it is sent telemetry."""
    random, done = Random(seed), 0
    with bench(ground.folder, ground.bundle, f"killed-{seed}") as one:
        moments = {random.randrange(len(ground.documents)) for _ in range(kills)}
        one.start()

        def between(number: int) -> None:
            nonlocal done
            if number in moments:
                time.sleep(random.uniform(0.0, 3.0))
                one.kill()
                done += 1
                one.start()

        one.send(ground.documents, between)
        while done < kills:
            time.sleep(random.uniform(0.5, 6.0))
            one.kill()
            done += 1
            one.start()
        return compared(one.finish(_until(ground.documents)), ground, "kill -9 under load", f"{done} kills")


def full_disk(ground: Ground) -> Row:
    """The file system of the data folder is full before half of it is sent; then there is room again."""
    name, limit = "full-disk", "mount -t tmpfs"
    with bench(ground.folder, ground.bundle, name) as one:
        data = one.folder / "data"
        data.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(data)], check=False)
        if mounted.returncode:
            return Row("full disk", None, "not run: no file system may be mounted here")
        filler = data / "filler"
        try:
            half, ended = len(ground.documents) // 2, []

            def between(number: int) -> None:
                if number == half:
                    _fill(filler)
                    deadline = time.monotonic() + 20.0
                    while one.is_running() and time.monotonic() < deadline:
                        time.sleep(0.1)
                    ended.append(not one.is_running())
                    filler.unlink()
                    if not one.is_running():
                        one.start()

            one.start()
            _wait_until_listening(one)
            one.send(ground.documents, between)
            said = "ended with a sentence" if ended == [True] else "went on"
            row = compared(
                one.finish(_until(ground.documents)),
                ground,
                "full disk",
                f"{limit}, filled; the service {said}, then room",
            )
        finally:
            one.stop()
            subprocess.run(["umount", str(data)], check=False)
        return row


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4_096)


def read_only(ground: Ground) -> Row:
    """The data folder may not be written to."""
    with bench(ground.folder, ground.bundle, "read-only") as one:
        data = one.folder / "data"
        data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(data)], check=True)
        try:
            status = one.run().wait(60.0)
        finally:
            subprocess.run(["umount", str(data)], check=False)
        said = one.said()
        held = status in (1, 2) and said.startswith("coldtrail: ") and "Traceback" not in _log(one)
        return Row("read-only data folder", held, f"status {status}: {_short(said)}")


def two_services(ground: Ground) -> Row:
    """A second service is started on the same data folder."""
    with bench(ground.folder, ground.bundle, "two") as one:
        one.start()
        _wait_until_listening(one)
        second = one.run()
        status, said = second.wait(60.0), one.said()
        runs = one.is_running()
        held = status in (1, 2) and runs and "Traceback" not in _log(one)
        first = "the first runs on" if runs else "the first ended"
        return Row(
            "two services on one folder", held, f"the second ends with {status} ({_short(said)}), {first}"
        )


def notifier_down(ground: Ground, down_s: float = 20.0) -> Row:
    """The webhook answers with errors from the first message on, for a while."""
    with bench(ground.folder, ground.bundle, "down") as one:
        one.webhook.fails = True
        one.start()
        one.send(ground.documents)
        time.sleep(down_s)
        one.webhook.fails = False
        what = f"errors for {down_s:.0f} s more than the run (an hour, scaled)"
        return compared(one.finish(_until(ground.documents)), ground, "notifier down", what)


def lying_source(ground: Ground, seed: int = 5) -> Row:
    """A source repeats itself, mixes up the order, and puts rubbish between."""
    random = Random(seed)
    documents: list[Sent] = []
    for document in ground.documents:
        late = document._replace(at=document.at + random.uniform(0.0, 200.0))
        documents.append(late)
        if random.random() < 0.2:
            documents.append(late._replace(at=late.at + random.uniform(0.0, 100.0)))
        if random.random() < 0.05:
            rubbish = random.choice([b"{", b"\xff\xfe\x00", b'{"id": 1}', b"null", b"[[]]"])
            documents.append(Sent(late.at, "file", rubbish))
    documents.sort(key=lambda one: one.at)
    with bench(ground.folder, ground.bundle, "lying") as one:
        one.start()
        one.send(documents)
        what = "a fifth twice, up to 300 s out of order, rubbish between"
        return compared(one.finish(_until(ground.documents)), ground, "source that lies", what)


_SMALL = "max_request_bytes = 65536\nmax_in_flight_bytes = 65536"


def flood(ground: Ground, seconds: float, senders: int = 24, otlp: str = "") -> Row:
    """OTLP from many at once, as fast as they can; `otlp` are settings of the source."""
    from benchmarks.faults.flooding import flooded

    with bench(ground.folder, ground.bundle, f"flood{len(otlp)}", otlp=otlp) as one:
        one.start()
        _wait_until_listening(one)
        told = flooded(one, [d.payload for d in ground.documents if d.by == "otlp"], seconds, senders)
        one.stop()
        one.run("--until-done").wait(300.0)
        parsed = one.counts().get("documents parsed", 0)
        held = parsed == told.taken and not told.broken
        what = (
            f"{senders} senders, {told.taken:,} taken, {told.later:,} told to come later, "
            f"{told.broken} broken; "
            f"{parsed:,} read; at most {told.most_mb:.0f} MB"
        )
        if otlp:
            return Row("OTLP flood, little room", held and told.later > 0, f"64 KiB in flight; {what}")
        return Row("OTLP flood", held, what)


_CLOCK = """\
import os, time
_real, _path = time.time, os.environ["BENCH_CLOCK"]
def _time():
    try:
        with open(_path) as file:
            return _real() + float(file.read() or 0)
    except (OSError, ValueError):
        return _real()
time.time = _time
"""
"""`sitecustomize` of the service's processes: the wall clock is off by what a file says."""


def clock_set(ground: Ground) -> Row:
    """The wall clock is set a day ahead, two days back, and right again, while it runs."""
    with bench(ground.folder, ground.bundle, "clock") as one:
        hook, offset = one.folder / "hook", one.folder / "offset"
        hook.mkdir()
        (hook / "sitecustomize.py").write_text(_CLOCK, encoding="utf-8")
        paths = os.pathsep.join([str(hook), *filter(None, [os.environ.get("PYTHONPATH", "")])])
        one.environment |= {"PYTHONPATH": paths, "BENCH_CLOCK": str(offset)}
        sets = dict(zip(_moments(ground, 3), ("86400", "-86400", "0"), strict=True))

        def between(number: int) -> None:
            if number in sets:
                offset.write_text(sets[number], encoding="utf-8")
                time.sleep(1.0)

        one.start()
        _wait_until_listening(one)
        one.send(ground.documents, between)
        what = "a day ahead, two back, right again (time.time of its processes)"
        return compared(one.finish(_until(ground.documents)), ground, "clock set back and forth", what)


def _moments(ground: Ground, number: int) -> list[int]:
    """Places among the documents, evenly spread."""
    return [len(ground.documents) * part // (number + 1) for part in range(1, number + 1)]


def postgresql(ground: Ground) -> Row:
    """PostgreSQL stops at once in the middle, and is started again."""
    from tests.store.postgresql_server import PostgresqlServer, binaries

    programs = binaries()
    if programs is None:
        return Row("PostgreSQL goes away", None, "not run: no PostgreSQL server here")
    server = PostgresqlServer(programs)
    try:
        with bench(ground.folder, ground.bundle, "postgresql", server.fresh()) as one:
            moments = _moments(ground, 3)
            ended = 0

            def between(number: int) -> None:
                nonlocal ended
                if number in moments:
                    server.stop()
                    time.sleep(2.0)
                    server.start()
                if not one.is_running():
                    ended += 1
                    one.start()

            one.start()
            _wait_until_listening(one)
            one.send(ground.documents, between)
            what = f"stopped as by a crash 3 times while it was written to; the service ended {ended} times"
            return compared(
                one.finish(_until(ground.documents)), ground, "PostgreSQL stopped and started", what
            )
    finally:
        server.remove()


NOT_RUN = (
    Row(
        "a source that throttles, loses permission",
        None,
        "not run here: tests/sources/aws holds it against servers",
    ),
)


FAULTS: dict[str, Callable[[Ground], Row]] = {
    "full disk": full_disk,
    "read-only": read_only,
    "two services": two_services,
    "postgresql": postgresql,
    "lies": lying_source,
    "notifier": notifier_down,
    "clock": clock_set,
    "flood": lambda ground: flood(ground, 10.0),
    "flood, little room": lambda ground: flood(ground, 10.0, otlp=_SMALL),
}


def rows(ground: Ground, kills: int, each: int, only: str = "") -> Iterator[Callable[[], Row]]:
    """The faults whose names hold a word; `kills` in runs of so many `each`."""
    if only in "kills":
        for seed in range(-(-kills // each)):
            yield partial(killed, ground, min(each, kills - seed * each), seed)
    for name, fault in FAULTS.items():
        if only in name:
            yield partial(fault, ground)
    for row in NOT_RUN:
        if only in row.fault:
            yield partial(_same, row)


def _same(row: Row) -> Row:
    return row


def _until(documents: Sequence[Sent]) -> float:
    """The event time of the last."""
    return max(one.at for one in documents)


def _wait_until_listening(one: Bench, within_s: float = 60.0) -> None:
    import socket

    until = time.monotonic() + within_s
    while time.monotonic() < until and one.is_running():
        try:
            socket.create_connection(one.otlp, timeout=1.0).close()
            return
        except OSError:
            time.sleep(0.1)


def _log(one: Bench) -> str:
    return (one.folder / "log").read_text(errors="replace")


def _short(said: str) -> str:
    try:
        return str(json.loads(said).get("event", said))[:110]
    except ValueError:
        return said[:110]
