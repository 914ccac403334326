"""A model of telemetry that holds no function flow: metrics, reports or records of the audit log alone.

It judges no run; rates, resources, callers, places, credentials and changes are followed all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec
import numpy as np

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.signalling import Signalling
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.following import with_baselines
from coldtrail.learning.holding import Holding
from coldtrail.learning.remarks import Remarks
from coldtrail.learning.train import Training
from coldtrail.learning.update import Counts, Update
from coldtrail.records.columns import AnyFlow
from coldtrail.verdicts.calibration import Calibration
from coldtrail.verdicts.feedback import AnyRemark

NO_FLOWS = (
    "The telemetry holds no function flow: rates, resources, callers and changes are followed, and no run is "
    "judged. Add traces to judge runs."
)


def learned_without_flows(settings: Settings, signalling: Signalling) -> Training | None:
    """What was learned of that; None where it tells of no function either."""
    detection = msgspec.structs.replace(settings.detection, detectors=())
    model = Model(
        settings=msgspec.structs.replace(settings, detection=detection),
        vocabulary=Vocabulary(),
        detectors={},
        calibration=_nothing_to_calibrate(),
        learned={},
    )
    return _training(model, signalling)


def judges_no_run(model: Model) -> bool:
    """Whether a model is one of telemetry that held no function flow."""
    return model.history is None and not model.detectors


def learned_more_without_flows(
    model: Model, flows: Iterable[AnyFlow], signalling: Signalling, remarks: Sequence[AnyRemark] = ()
) -> Update | None:
    """Such a model that learned more of the same; runs are counted, and none is learned. None where nothing
    tells of a function."""
    read = sum(1 for _ in flows)
    training = _training(model, signalling)
    if training is None:
        return None
    counts = Counts(
        read=read,
        learned=0,
        already_known=0,
        still_open=0,
        told_otherwise=read,
        flagged=0,
        attacks=0,
        excused=0,
    )
    threshold = model.calibration.threshold_
    return Update(training, counts, [], [], threshold, Remarks(remarks), [], [], [])


def _training(model: Model, signalling: Signalling) -> Training | None:
    model = with_baselines(model, signalling)
    functions = signalling.functions()
    if not functions:
        return None
    model = replace(model, learned=dict.fromkeys(functions, 0))
    nothing = np.zeros(0, np.int64)
    holding = Holding((), nothing, nothing, Counter())
    names = tuple(sorted({key.function for key in functions}))
    return Training(model, 0, 0, names, None, (NO_FLOWS,), holding)


def _nothing_to_calibrate() -> Calibration:
    """That of no channel."""
    calibration = Calibration(())
    calibration.threshold_, calibration.least_ = 1.0, 0.0
    return calibration
