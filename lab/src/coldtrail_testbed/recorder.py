"""Records a run: an application in the local cloud, its users, its attackers, and their telemetry."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from coldtrail_testbed.account.attacks import ACCOUNT_ATTACKS, account_attacks
from coldtrail_testbed.applications import find_application
from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.cloud.density import SpreadOverDays, Thin, everybody
from coldtrail_testbed.cloud.infection import Infection
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.full_disk import telling_of_full_disk
from coldtrail_testbed.garbage import seldom_collecting
from coldtrail_testbed.held_facts import HeldFacts
from coldtrail_testbed.interrupts import uninterrupted
from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.recording import Recording
from coldtrail_testbed.run import Run
from coldtrail_testbed.run_order import Order, order_of
from coldtrail_testbed.run_summary import RunSummary, run_facts
from coldtrail_testbed.telemetry import find_writers

__all__ = ["RunSummary", "record"]

# All runs happen in 2026; the seed decides on which day they start, the application at which hour.
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_HOUR_S, _DAY_S = 3600, 86_400

Progress = Callable[[int, int, str], None]


def record(
    app: str,
    iterations: int | None,
    seed: int,
    attacks: Sequence[str],
    output: Path,
    *,
    attack_share: float = 0.1,
    functions: Sequence[str] = (),
    look_alikes: Sequence[str] = (),
    telemetry: Sequence[str] = ("xray",),
    days: float | None = None,
    first_day: date | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """The summary of a run of `iterations` users, recorded into the new folder `output`.

    Without a number there are as many as in the paper. `attacks` are names, or a group such as `none` or
    `paper`; where `functions` are named, only attacks on these are made. `look_alikes` and `telemetry` are
    names too. With `days` the users come over so many days, else as densely as in the paper.
    The run begins on `first_day` (UTC), or on a day of 2026 that the seed decides.
    `progress(done, total, text)` is called after each user. An interrupt (Ctrl-C) ends the run early and
    leaves all traces that were complete.
    """
    application = find_application(app)
    on_account, others = account_attacks(attacks, app)
    order = order_of(
        application,
        application.iterations if iterations is None else iterations,
        seed,
        find_attacks(others, app, functions, tuple(ACCOUNT_ATTACKS)) if others else [],
        attack_share,
        look_alikes,
        telemetry,
        days,
        on_account,
    )
    writers = find_writers(order.telemetry)
    started = time.monotonic()
    with Recording(
        output,
        order.plan,
        writers,
        with_look_alikes=bool(order.look_alikes),
        stories=order.account.stories,
        with_networks=order.account.lives,
    ) as recording:
        conductor = _Conductor(order, recording, _begin(order, first_day), progress)
        conductor.conduct()
        with uninterrupted():
            recording.close()
            summary = _summary(order, conductor, recording, time.monotonic() - started, output)
            recording.finish(run_facts(order, summary, conductor.windows))
    return summary


def _begin(order: Order, first_day: date | None) -> float:
    """The UTC epoch time at which the run begins: on its day, at the application's hour."""
    drawn = _FIRST_DAY + order.seed % 365 * _DAY_S
    day = datetime(*first_day.timetuple()[:3], tzinfo=UTC).timestamp() if first_day else drawn
    return day + order.application.first_hour * _HOUR_S


class _Conductor:
    """Lets a run happen and hands on what is complete after each of its activities."""

    def __init__(self, order: Order, recording: Recording, start: float, progress: Progress | None) -> None:
        self._order = order
        self._start = start
        self._recording = recording
        self._progress = progress
        self._held = HeldFacts()
        self.windows: Mapping[str, Window] = {}
        self.done = 0
        self.interrupted = False

    def conduct(self) -> None:
        """None; the run is over, or interrupted."""
        order, start = self._order, self._start
        infection = Infection(order.plan.functions, order.plan.choose, order.plan.memory_mb)
        try:
            with (
                telling_of_full_disk(Path(tempfile.gettempdir())),
                LocalCloud(order.application, order.seed, start, infection=infection) as cloud,
                seldom_collecting(),
            ):
                run = Run(
                    order.application,
                    order.seed,
                    order.iterations,
                    order.plan,
                    order.look_alikes,
                    cloud,
                    _thin(order, start),
                    order.account,
                )
                self.windows = run.windows
                run.begin()
                while cloud.step():
                    self._hand_on(cloud)
                    self._tell(run.arrivals.gone)
        except KeyboardInterrupt:
            self.interrupted = True

    def _hand_on(self, cloud: LocalCloud) -> None:
        with uninterrupted():
            is_pending = cloud.foundation.agenda.is_pending
            self._recording.add_facts(self._held.release(cloud.take_facts(), is_pending), self.windows)
            for trace in cloud.take_traces():
                self._recording.add(trace, cloud.attacked_flows, self.windows)

    def _tell(self, gone: int) -> None:
        if gone > self.done:
            self.done = gone
            if self._progress:
                flows = self._recording.functions.total()
                self._progress(gone, self._order.iterations, f"{flows} function flows")


def _thin(order: Order, start: float) -> Thin:
    if order.days is None:
        return everybody
    return SpreadOverDays(order.application, order.seed, order.iterations, order.days, start)


def _summary(
    order: Order, conductor: _Conductor, recording: Recording, seconds: float, output: Path
) -> RunSummary:
    outside = (*order.plan.campaigns, *(attack.name for attack in order.account.attacks))
    return RunSummary(
        application=order.application.name,
        iterations=conductor.done,
        seed=order.seed,
        traces=recording.traces,
        flows=recording.functions.total(),
        events=recording.events,
        functions=dict(sorted(recording.functions.items())),
        attacks={attack: recording.attacks[attack] for attack in order.attacks},
        seconds=seconds,
        output=output,
        interrupted=conductor.interrupted,
        attack_calls={attack: recording.attack_calls[attack] for attack in outside},
        look_alikes={one.name: recording.look_alikes[one.name] for one in order.look_alikes},
        telemetry=recording.lines,
        first_time=recording.first_time if recording.traces else None,
        last_time=recording.last_time if recording.traces else None,
    )
