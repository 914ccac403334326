"""`coldtrail live`: the service watches real handlers that are attacked now and then, and tells a webhook."""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coldtrail.cli.options import add_json
from coldtrail.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from coldtrail_lab.live_playing import Plan
    from coldtrail_lab.live_service import Watch
    from coldtrail_lab.live_summary import Made, Summary

SPEED = 4.0
"""Virtual seconds a second."""
ATTACKS = (
    ("airline", "longer_run"),
    ("vod", "denied_calls"),
    ("airline", "lookalike_bucket"),
    ("vod", "repeated_operation"),
    ("airline", "data_leakage"),
    ("vod", "secret_read"),
    ("airline", "secret_read"),
    ("vod", "skipped_audit"),
)
"""One after another; each strikes two runs."""
FORMS = {"airline": "xray", "vod": "otlp"}
_SEED = 7
_START = 1_783_368_028.0
"""A day after the runs that the bundle learned from."""
_EVERY_S = 150.0
"""Seconds between attacks, where no end is set."""
_FIRST, _LAST = 0.1, 0.6
"""The part of the time in which attacks begin: functions are seldom called, and the last has to be told."""
_WAIT_S = 60.0
"""For the last alerts, at most."""
_ENDLESS_S = 86_400.0


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "See the service awake: two applications run, are attacked, and a webhook is told."
    parser.epilog = "example:\n  coldtrail live --seconds 180"
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so long (default: Ctrl-C)")
    parser.add_argument(
        "--output", type=Path, default=Path("live-output"), metavar="DIR", help="default live-output"
    )
    parser.add_argument("--seed", type=int, default=_SEED, metavar="N", help=f"of users and cloud ({_SEED})")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The exit status: 0 only if at least six attacks were made, each lies in one alert, and each was told
    once."""
    from coldtrail.cli.screen import output, print_json

    screen = output(on_stderr=options.json)
    if options.seconds is not None and not 1 <= options.seconds <= _ENDLESS_S:
        raise ConfigError(f"--seconds is {options.seconds:g}; give 1 to {_ENDLESS_S:,.0f}.")
    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    summary, facts = _lived(screen, folder, options.seconds, options.seed)
    if options.json:
        print_json(plain(summary) | facts)
    else:
        print_summary(screen, summary, facts)
    return 0 if summary.succeeded else 1


def plans(virtual_s: float, every_s: float | None = None) -> list[Plan]:
    """What is played in so many virtual seconds: the attacks spread over them, or one every so often."""
    from coldtrail_lab.live_playing import Plan

    step = (_LAST - _FIRST) * virtual_s / (len(ATTACKS) - 1)
    begins = [
        _FIRST * virtual_s + number * step if every_s is None else (number + 1) * every_s
        for number in range(len(ATTACKS))
    ]
    return [
        Plan(app, form, {name: at for (of, name), at in zip(ATTACKS, begins, strict=True) if of == app})
        for app, form in FORMS.items()
    ]


def _lived(screen: Console, folder: Path, seconds: float | None, seed: int) -> tuple[Summary, dict[str, Any]]:
    from coldtrail_lab.live_hearing import Webhook, tellings
    from coldtrail_lab.live_playing import Player, Senders, Stage
    from coldtrail_lab.live_service import LATENESS_S, Watch, learn
    from coldtrail_lab.live_summary import summary_of

    began = time.monotonic()
    virtual_s = (seconds or _ENDLESS_S) * SPEED
    secret = secrets.token_hex(16)
    with ExitStack() as stack:
        stopping = stack.enter_context(_told_to_stop())
        run = folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        players = []
        for plan in plans(virtual_s, None if seconds else _EVERY_S * SPEED):
            players.append(Player(plan, seed, _START, virtual_s))
            stack.callback(players[-1].stop)
        _say(screen, "Both applications start; what the service knows of them is learned from recorded runs.")
        bundle = learn(folder)
        webhook = stack.enter_context(Webhook(secret))
        watch = Watch(run, bundle, webhook.url, secret)
        stack.callback(watch.kill)
        watch.start()
        _say(screen, f"The service watches after {time.monotonic() - began:.0f} s: {watch.page}")
        senders = Senders(watch.places.udp, watch.places.otlp)
        stack.callback(senders.close)
        stage = Stage(players, senders, _START, virtual_s, SPEED)
        playing = time.monotonic()
        tell = _Progress(screen, stage, webhook, virtual_s if seconds else None)
        stage.play(tell, stopping)
        played_s = time.monotonic() - playing
        _wait_for_the_last(watch, stage, webhook)
        stopped_s = watch.stop()
        summary = summary_of(stage.attacked, stored(watch.data), tellings(webhook.heard), stage.complete_at)
        facts = {
            "seconds": round(played_s, 1),
            "virtual_seconds": round(stage.reached_s, 1),
            "sent": senders.sent,
            "tried_again": senders.tried_again,
            "refused_signatures": webhook.refused,
            "lateness_s": round(LATENESS_S / SPEED, 1),
            "stopped_in_s": round(stopped_s, 1),
        }
        return summary, facts


def stored(data: Path) -> list[Any]:
    """The alerts that a service has stored and that were not taken back."""
    from coldtrail.service.standing import all_alerts
    from coldtrail.store.databases import open_database

    database = open_database(data / "coldtrail.db", serving=False)
    try:
        return [row.alert for row in all_alerts(database) if not row.episode.withdrawn]
    finally:
        database.close()


class _Progress:
    """Says now and then how far it is."""

    def __init__(self, screen: Console, stage: Any, webhook: Any, virtual_s: float | None) -> None:
        self._screen, self._stage, self._webhook, self._of = screen, stage, webhook, virtual_s
        self._next, self._told = time.monotonic(), 0

    def __call__(self, reached_s: float) -> None:
        heard = self._webhook.heard
        for one in heard[self._told :]:
            self._screen.print(f"   told: {one.title}", highlight=False, markup=False)
        self._told = len(heard)
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 15.0
        of = f" of {self._of / 60:.0f}" if self._of else ""
        made = len({(one.attack, one.function) for one in self._stage.attacked})
        _say(
            self._screen,
            f"{reached_s / 60:.1f}{of} virtual minutes, {made} attacks made, {len(heard)} messages.",
        )


def _wait_for_the_last(watch: Watch, stage: Any, webhook: Any) -> None:
    """Returns once nothing more is told for a while: what is open closes as the wall clock goes on."""
    from coldtrail_lab.live_service import LATENESS_S

    quiet_s, until = LATENESS_S + 10.0, time.monotonic() + _WAIT_S
    told, since = len(webhook.heard), time.monotonic()
    while time.monotonic() < min(until, since + quiet_s):
        time.sleep(0.2)
        if len(webhook.heard) != told:
            told, since = len(webhook.heard), time.monotonic()


def print_summary(screen: Console, summary: Summary, facts: dict[str, Any]) -> None:
    """Prints a row for each attack, and what they come to."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for name in ("attack", "application", "function"):
        table.add_column(name)
    for name in ("runs", "alerts", "told", "updates", "count", "latency"):
        table.add_column(name, justify="right")
    for one in summary.attacks:
        table.add_row(*_row(one))
    screen.print(table)
    rows = [
        ("Attacks made", str(len(summary.attacks))),
        ("Told once", str(summary.number(1))),
        ("Told twice or more", str(summary.number(2))),
        ("Missed", str(summary.number(0))),
        ("In several alerts", str(sum(len(one.alerts) > 1 for one in summary.attacks))),
        ("Other alerts", f"{summary.others}, of which {summary.others_told} were told"),
        ("Trace complete to told", f"median {_seconds(summary.median_s)}, worst {_seconds(summary.worst_s)}"),
        ("Of which lateness", f"{facts['lateness_s']} s, at {SPEED:g} virtual seconds a second"),
        ("Sent", ", ".join(f"{number:,} {kind}" for kind, number in facts["sent"].items())),
        ("Time", f"{facts['seconds']:.0f} s, {facts['virtual_seconds'] / 60:.1f} virtual minutes"),
    ]
    for name, value in rows:
        screen.print(f"   {name:24} {value}", highlight=False)


def _row(one: Made) -> Sequence[str]:
    return (
        one.attack, one.application, one.function, str(one.runs), str(len(one.alerts)), str(one.told),
        str(one.updates), str(one.counted), _seconds(one.latency_s),
    )  # fmt: skip


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def plain(summary: Summary) -> dict[str, Any]:
    """The summary as JSON tells it."""
    return {
        "attacks": [one._asdict() | {"is_right": one.is_right} for one in summary.attacks],
        "made": len(summary.attacks),
        "told_once": summary.number(1),
        "told_twice": summary.number(2),
        "missed": summary.number(0),
        "other_alerts": summary.others,
        "other_alerts_told": summary.others_told,
        "latency_median_s": summary.median_s,
        "latency_worst_s": summary.worst_s,
        "succeeded": summary.succeeded,
    }


def _say(screen: Console, text: str) -> None:
    screen.print(text, highlight=False, markup=False)


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """What is set by Ctrl-C, which ends the play and not the summary."""
    stopping = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    try:
        yield stopping
    finally:
        signal.signal(signal.SIGINT, before)
