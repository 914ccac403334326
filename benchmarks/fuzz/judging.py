"""What a call did: it went well, was refused in a sentence, or went wrong."""

from __future__ import annotations

import json
import math
import signal
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from coldtrail.errors import ColdtrailError

PATIENCE_S = 8.0
"""Processor seconds that the smallest case may take; start, fit and writing are in it."""
PATIENCE_S_PER_MIB = 2.0
_WAITED_S = 20
"""So much longer by the clock: other work may share the processor."""


refused: Counter[str] = Counter()
"""How often each kind of error refused something: where nothing is refused, nothing was hostile."""


class SlowError(BaseException):
    """It takes too long."""


@contextmanager
def patience(size: int) -> Iterator[None]:
    """Raises `SlowError` in what takes longer than this much input may."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SlowError("".join(traceback.format_stack(frame)[-3:]))

    seconds = PATIENCE_S + PATIENCE_S_PER_MIB * size / 2**20
    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * _WAITED_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        # One that is on its way already would end the process.
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)


def problems_of(call: Callable[[], list[str]], size: int, *, may_refuse: bool) -> list[str]:
    """What is wrong with a call, which gives the faults that it finds itself."""
    try:
        with patience(size), warnings.catch_warnings():
            warnings.simplefilter("error")
            return call()
    except ColdtrailError as error:
        refused[type(error).__name__] += 1
        faults = [] if _is_a_sentence(str(error)) else [f"no sentence: {str(error)[:300]!r}"]
        return faults if may_refuse else [*faults, f"good input was stopped: {error}"]
    except SlowError as error:
        return [f"too slow for {size:,} bytes, at {error}"]
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return [traceback.format_exc(limit=-6)]


def _is_a_sentence(text: str) -> bool:
    return text.isprintable() and text.endswith((".", "?")) and "Traceback" not in text and len(text) < 2_000


def verdict_faults(output: Path, good: frozenset[str], tally: Any, verdicts: Any) -> list[str]:
    """What is wrong with the verdicts and the counts: all good flows come once, all numbers are finite."""
    lines = [json.loads(line) for line in output.read_bytes().splitlines()]
    faults = []
    seen = [line["function_flow_id"] for line in lines]
    if lost := good.difference(seen):
        faults.append(f"good flows were lost: {sorted(lost)[:3]} of {len(lost)}")
    if sum(one in good for one in seen) > len(good):
        faults.append("good flows were told twice")
    if not all(_is_finite(line) for line in lines):
        faults.append("a number that is not finite")
    if sum(verdicts.values()) != len(lines):
        faults.append(f"{len(lines)} lines of {sum(verdicts.values())} verdicts")
    return faults + count_faults(tally)


def count_faults(tally: Any) -> list[str]:
    """What does not add up among the counts."""
    counts = tally.counts
    if counts["documents read"] != counts["documents parsed"] + counts["documents refused"]:
        return [f"documents do not add up: {dict(counts)}"]
    if "flows scored" in counts and counts["flows scored"] != counts["flows assembled"]:
        return [f"flows do not add up: {dict(counts)}"]
    return []


def _is_finite(thing: Any) -> bool:
    if isinstance(thing, float):
        return math.isfinite(thing)
    if isinstance(thing, dict):
        return all(map(_is_finite, thing.values()))
    return all(map(_is_finite, thing)) if isinstance(thing, list) else True
