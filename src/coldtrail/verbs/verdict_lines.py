"""Lines of the verdict file, in the order of the flows' start."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import msgspec
from msgspec import Struct

from coldtrail.alerts.showing.json import in_json
from coldtrail.alerts.wording.lines import verdict_line
from coldtrail.records.verdict import Verdict
from coldtrail.verbs.earlier import Withdrawn
from coldtrail.verbs.lines import Lines

_encoder = msgspec.json.Encoder()
_encode = _encoder.encode


WITHDRAWN = b',"withdrawn":true}'
"""How a line ends that takes a verdict back."""


class WithdrawnLine(Struct, frozen=True):
    """That a flow on which a verdict was told is none."""

    function_flow_id: str
    application_flow_id: str
    account: str
    region: str
    application_name: str
    function_name: str
    withdrawn: bool = True


class VerdictLines(Lines):
    """The lines of verdicts."""

    def add(self, verdict: Verdict, *, revised: bool = False) -> None:
        """Sets the line of a verdict aside, with whether another one on the flow was told before."""
        line = in_json(_encode(verdict_line(verdict)))
        if revised:
            line = line[:-1] + b',"revised":true}'
        self.add_line(line, verdict.start_time)

    def withdraw(self, flow: Withdrawn) -> None:
        """Sets the line aside that takes a verdict on a flow back; such lines come first."""
        function = flow.function
        ids = flow.function_flow_id, flow.application_flow_id
        line = WithdrawnLine(*ids, function.account, function.region, function.application, function.function)
        self.add_line(in_json(_encode(line)), -inf)

    def add_all(self, verdicts: Sequence[Verdict]) -> None:
        """Sets the lines of verdicts on flows of which no other one was told aside."""
        lines = [verdict_line(one) for one in verdicts]
        self.add_lines(in_json(_encoder.encode_lines(lines)), [one.start_time for one in verdicts])
