"""Flows that alarm to verdicts with their reasons, but for what people called legitimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from coldtrail.detectors.detector import Detector
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict, VerdictKind
from coldtrail.verdicts.attribution import reasons
from coldtrail.verdicts.calibration import Calibration
from coldtrail.verdicts.exceptions import calmed, scores_without
from coldtrail.verdicts.feedback import Accepted
from coldtrail.verdicts.shares import Explained


class Strange(NamedTuple):
    """Flows that alarm, with their scores."""

    flows: Sequence[Flow]
    encoded: Encoded
    bans: Floats
    """(flow, channel)"""
    p_values: Floats
    """(flow,)"""

    def take(self, rows: Ints) -> Strange:
        """The chosen flows, in the given order."""
        flows = [self.flows[row] for row in rows.tolist()]
        return Strange(flows, self.encoded.take(rows), self.bans[rows], self.p_values[rows])


@dataclass(frozen=True)
class Flagging:
    """Tells why flows alarm, by what was learned: a batch of them at once."""

    vocabulary: Vocabulary
    detectors: Mapping[str, Detector]
    calibration: Calibration
    learned: Mapping[FunctionKey, int]
    """Flows learned of each function."""

    def verdicts(self, strange: Strange, accepted: Sequence[Sequence[Accepted]]) -> list[Verdict]:
        """The verdicts on flows that alarm: normal where what alarms is legitimate (of each flow what is
        `accepted`), and the rest is not strange."""
        excepted = np.array([bool(one) for one in accepted], np.bool_)
        if not excepted.any():
            return self.anomalous(strange)
        plain, some = np.flatnonzero(~excepted), np.flatnonzero(excepted)
        found = dict(zip(plain.tolist(), self.anomalous(strange.take(plain)), strict=True))
        pairs = [(strange.flows[at], accepted[at]) for at in some.tolist()]
        found.update(zip(some.tolist(), self._but_for(pairs), strict=True))
        return [found[at] for at in range(len(strange.flows))]

    def _but_for(self, pairs: Sequence[tuple[Flow, Sequence[Accepted]]]) -> list[Verdict]:
        """The verdicts on flows of which something is legitimate."""
        folded = self.vocabulary.naming.folded([flow for flow, _ in pairs])
        accepted = [one for _, one in pairs]
        calm = [calmed(*one) for one in zip(folded, accepted, strict=True)]
        encoded, scores = scores_without(self.detectors, self.vocabulary, calm, accepted)
        rest = self.calibration.bans(encoded, scores)
        highest = rest.max(axis=1)
        p_values = self.calibration.p_values(highest)
        left = np.flatnonzero(highest > self.calibration.threshold_)
        told = self.anomalous(Strange(calm, encoded, rest, p_values).take(left))
        found = dict(zip(left.tolist(), told, strict=True))
        quiet = zip(pairs, highest.tolist(), p_values.tolist(), strict=True)
        return [
            found.get(at) or plain(flow, "normal", score, self.calibration.threshold_, p_value)
            for at, ((flow, _), score, p_value) in enumerate(quiet)
        ]

    def anomalous(self, strange: Strange) -> list[Verdict]:
        """That flows are anomalous, and why."""
        flows = self.vocabulary.naming.folded(strange.flows)
        threshold, bans = self.calibration.threshold_, strange.bans
        runs = [self.learned.get(flow.key, 0) for flow in flows]
        explained = Explained(self.detectors, strange.encoded)
        found = reasons(explained, self.vocabulary, flows, bans, threshold, runs)
        numbers = zip(bans.max(axis=1).tolist(), strange.p_values.tolist(), strict=True)
        alarming = self._alarming(bans)
        return [
            Verdict(
                flow.function_flow_id,
                flow.application_flow_id,
                *flow.key,
                flow.start_time,
                "anomalous",
                score,
                threshold,
                p_value,
                detectors,
                why,
            )
            for flow, (score, p_value), detectors, why in zip(flows, numbers, alarming, found, strict=True)
        ]

    def _alarming(self, bans: Floats) -> list[tuple[str, ...]]:
        """(flow,) the detectors a channel of which alarms."""
        over, first = [], 0
        for detector in self.detectors.values():
            end = first + len(detector.channels)
            over.append(bans[:, first:end].max(axis=1) > self.calibration.threshold_)
            first = end
        names = list(self.detectors)
        return [
            tuple(name for name, alarms in zip(names, row, strict=True) if alarms)
            for row in np.column_stack(over).tolist()
        ]


def plain(flow: AnyFlow, kind: VerdictKind, score: float, threshold: float, p_value: float) -> Verdict:
    """A verdict without reasons."""
    account, region, application, function = flow.key
    return Verdict(
        flow.function_flow_id,
        flow.application_flow_id,
        account,
        region,
        application,
        function,
        flow.start_time,
        kind,
        score,
        threshold,
        p_value,
    )
