"""Where a learned model cannot be relied on."""

from __future__ import annotations

from collections.abc import Sequence

from coldtrail.alerts.wording.amounts import counted
from coldtrail.bundle import history
from coldtrail.bundle.model import Model
from coldtrail.learning.feeding import fed
from coldtrail.verdicts.calibration import flows_needed

MOST_NAMED = 2
"""Functions without an account that are told by name."""
MOST_REMARKS = 5
"""Functions with ever new names that are told one by one."""


def cautions(model: Model, few: Sequence[str]) -> tuple[str, ...]:
    """What a person should know of a model before relying on it, a sentence each."""
    out = []
    budget = model.settings.detection.budget
    needed = flows_needed(budget)
    flows, total = round(model.calibration.combined_.flows), sum(model.learned.values())
    budgeted = model.calibration.is_budgeted
    if flows < needed and budgeted:
        which = (
            counted(flows, "flow")
            if flows == total
            else f"The {flows:,} flows kept back to set the threshold"
        )
        out.append(
            f"{which} cannot hold a budget of {budget:g} false alarms a flow; "
            f"it takes {needed:,}. Alarms may come more often than budgeted."
        )
    if model.history is not None:
        out += left_out(model.history)
        out += fed(model.history)
    out += _without_account(model)
    for detector in model.detectors.values():
        out += detector.remarks_
    remarks = [remark.sentence for remark in model.vocabulary.naming.remarks()]
    out += remarks[:MOST_REMARKS]
    if len(remarks) > MOST_REMARKS:
        out.append(f"{len(remarks) - MOST_REMARKS:,} more kinds of resources have ever new names as well.")
    if few:
        shown = ", ".join(few[:5]) + (f" and {len(few) - 5} more" if len(few) > 5 else "")
        enough = model.settings.detection.ready_flows
        out.append(f"Too little history (under {enough} flows) for {shown}: their verdict is not_ready.")
    return tuple(out)


def _without_account(model: Model) -> list[str]:
    """That functions of one name in two accounts are taken for one, where no account is told."""
    names = sorted({key.function for key in model.learned if not key.account})
    if not names:
        return []
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    return [
        f"The telemetry names no account for {counted(len(names), 'function')} ({shown}): the same name in "
        "two accounts cannot be told apart."
    ]


def left_out(kept: history.History) -> list[str]:
    """What adding to a history left out, a sentence each."""
    out = []
    if kept.ahead:
        out.append(
            f"{counted(kept.ahead, 'flow')} left out: dated after today, more than a month after all "
            "others; see to the clock."
        )
    if kept.dropped_kinds:
        out.append(
            f"{counted(kept.dropped_kinds, 'kind')} of runs left out, the rarest: a history keeps "
            f"{history.MOST_KINDS:,} of a function, and {history.MOST_FLOWS:,} flows in all."
        )
    return out
