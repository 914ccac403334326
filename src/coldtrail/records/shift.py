"""A change of a function over many runs."""

from __future__ import annotations

from coldtrail.records.finding import Origin, StepKey
from coldtrail.records.identity import OfFunction


class Shift(OfFunction, frozen=True, gc=False):
    """A change of a function over many runs, none of which need be strange alone."""

    measure: str
    """`duration`, `own_time`, `step_time`, `calls`, `errors`, `paths`, `drips`, `callers`, `rate` or,
    of the application, `load`; or what has stopped: `silence`, `no_failures` or `no_step`."""
    since: float
    """Start of the first run that may belong to it."""
    found: float
    """Start of the run that made it certain."""
    runs: int
    """Runs from the one to the other; for what has stopped, the runs without it; for a silence, those of
    the rest of the application."""
    before: float
    """What was usual: seconds, steps a run, a share of the runs, or runs an hour; for a silence the seconds
    from run to run."""
    after: float
    what: str
    """Of callers: the one that has become frequent; of a step that has stopped or takes longer, which. In
    words."""
    false_every: float
    """One shift of a function is told by chance in so many runs."""
    look_at: str
    """Id of the flow to look at first."""
    trace: str
    """Id of its trace."""
    flow_ids: tuple[str, ...]
    """The first flows that show it, at most 100; for what has stopped, some of the last before it did."""
    traces: tuple[str, ...] = ()
    """The id of the trace of each of these."""
    id: str = ""
    """Stable while the shift lasts: later words on it have the same."""
    step: StepKey | None = None
    """The one that has stopped, or takes longer."""
    origin: Origin | None = None
    """Of callers, the one that has become frequent, where it has a name."""
