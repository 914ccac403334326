"""Lines of the verdict file, in the order of the flows' start."""

from __future__ import annotations

import msgspec

from coldtrail.alerts.showing.json import in_json
from coldtrail.alerts.wording.lines import verdict_line
from coldtrail.records.verdict import Verdict
from coldtrail.verbs.lines import Lines

_encode = msgspec.json.Encoder().encode


class VerdictLines(Lines):
    """The lines of verdicts."""

    def add(self, verdict: Verdict, *, revised: bool = False) -> None:
        """Sets the line of a verdict aside, with whether another one on the flow was told before."""
        line = in_json(_encode(verdict_line(verdict)))
        if revised:
            line = line[:-1] + b',"revised":true}'
        self.add_line(line, verdict.start_time)
