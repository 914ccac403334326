"""What a user could write instead: the sets of paths, and of counts, ever seen, with the longest times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.quality.figures import Rate
from benchmarks.worlds.outcome import Outcome
from benchmarks.worlds.runs import Run

Key = tuple[object, ...]


class Rules:
    """Two rules, learned from the same history; they are given each run whole, with its true names."""

    def __init__(self) -> None:
        self._paths: set[Key] = set()
        self._counts: set[Key] = set()
        self._longest: dict[Key, float] = {}

    def learn(self, runs: Iterable[Run]) -> None:
        """Learns a history."""
        for run in runs:
            self._paths.add(_path(run))
            self._counts.add(_counts(run))
            for key, seconds in _times(run):
                self._longest[key] = max(self._longest.get(key, 0.0), seconds)

    def judge(self, outcome: Outcome, runs: Iterable[Run], ready: Sequence[str]) -> None:
        """Counts what either rule finds."""
        some = frozenset(ready)
        for run in runs:
            if run.function not in some:
                continue
            late = any(seconds > self._longest.get(key, 0.0) for key, seconds in _times(run))
            alarms = {
                "seen paths": late or _path(run) not in self._paths,
                "seen counts": late or _counts(run) not in self._counts,
            }
            what = "false" if run.attack is None else "found"
            for name, alarm in alarms.items():
                table = outcome.rules.setdefault(name, {})
                table[what] = table.get(what, Rate()) + Rate(int(alarm), 1)


def _things(run: Run) -> list[Key]:
    return [(call.service, call.action, call.target.partition("/")[0], call.error) for call in run.calls]


def _path(run: Run) -> Key:
    return run.function, run.trigger, run.caller, *_things(run)


def _counts(run: Run) -> Key:
    return run.function, run.trigger, run.caller, *sorted(_things(run), key=repr)


def _times(run: Run) -> list[tuple[Key, float]]:
    """The seconds of each call, by what it is, and of the run's own code."""
    times: list[tuple[Key, float]] = [((run.function, "own", run.starting is not None), run.own)]
    for call in run.calls:
        key = (run.function, call.service, call.action, call.target.partition("/")[0])
        times.append((key, call.seconds))
    return times
