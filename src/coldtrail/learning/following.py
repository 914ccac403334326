"""Learning what lies in no single run, beside learning the runs: one walk through the telemetry for both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf

from coldtrail.assembly.from_documents import batches
from coldtrail.bundle.model import Model
from coldtrail.detectors.signalling import Signalling
from coldtrail.records.columns import AnyFlow
from coldtrail.records.encounter import Run
from coldtrail.records.flow import Flow

_AT_ONCE = 1_024


def followed(flows: Iterable[AnyFlow], signalling: Signalling) -> Iterator[AnyFlow]:
    """The flows, counted as they pass; those of which others than traces tell more are met."""
    for some in batches(flows, _AT_ONCE):
        signalling.count(some)
        signalling.meet([Run(one) for one in some if isinstance(one, Flow) and one.facts is not None])
        yield from some


def with_baselines(model: Model, signalling: Signalling) -> Model:
    """The model that knows as well what was followed, once all flows have passed."""
    signalling.advance(inf)
    return replace(model, baselines=signalling.learned()) if signalling.detectors else model
