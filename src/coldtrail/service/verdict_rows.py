"""Verdicts that are kept, from the moment they are known to the next commit."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

import msgspec

from coldtrail.alerts.showing.json import in_json
from coldtrail.alerts.wording.lines import verdict_line
from coldtrail.features.lean import whole
from coldtrail.pipeline import Judged
from coldtrail.records.verdict import Verdict
from coldtrail.reports.flow_lines import flow_line
from coldtrail.service.settings import ServiceSettings
from coldtrail.store.database import Database, VerdictRow

_encode = msgspec.json.Encoder().encode
_ALL = 2**32


def row_id(verdict: Verdict) -> str:
    """The id of the row of a verdict: that of the flow, and a digest of its trace and its function."""
    of = "\0".join((verdict.application_flow_id, *verdict.key)).encode("utf-8", "surrogatepass")
    return f"{verdict.function_flow_id}/{blake2b(of, digest_size=8).hexdigest()}"


class VerdictRows:
    """Rows of verdicts that wait for the next commit; those that settings do not ask for are let go."""

    def __init__(self, settings: ServiceSettings, database: Database) -> None:
        self._all = settings.keep_verdicts == "all"
        self._sample = int(settings.usual_flows * _ALL)
        self._database = database
        self._rows: dict[str, VerdictRow] = {}
        self._gone: set[str] = set()
        self.bytes = 0
        """About what the rows take."""

    def take(self, judged: Sequence[Judged], again: set[str]) -> None:
        """Takes verdicts with their flows; those on flows that were judged before, by their ids, take the
        place of the earlier ones, and are taken out of the set."""
        for one in judged:
            verdict = one.verdict
            is_again = bool(again) and verdict.function_flow_id in again
            with_flow = verdict.verdict == "anomalous" or self._is_sampled(verdict)
            if with_flow or self._all:
                self._add(row_id(verdict), one, with_flow=with_flow, revised=is_again)
            elif is_again:
                self._remove(row_id(verdict))
            if is_again:
                again.discard(verdict.function_flow_id)

    def _remove(self, id: str) -> None:
        if self._rows.pop(id, None) is not None or self._database.verdict(id) is not None:
            self._gone.add(id)

    def _is_sampled(self, verdict: Verdict) -> bool:
        """Whether a usual flow is kept: the same ones whenever they come."""
        return crc32(verdict.function_flow_id.encode("utf-8", "surrogatepass")) < self._sample

    def _add(self, id: str, one: Judged, *, with_flow: bool, revised: bool) -> None:
        line = in_json(_encode(verdict_line(one.verdict)))
        if revised:
            line = line[:-1] + b',"revised":true}'
        flow = in_json(_encode(flow_line(whole(one.flow)))) if with_flow else None
        verdict = one.verdict
        self._rows[id] = VerdictRow(id, verdict.start_time, verdict.verdict, line, flow)
        self._gone.discard(id)
        self.bytes += len(line) + len(flow or b"")

    def taken(self) -> tuple[tuple[VerdictRow, ...], tuple[str, ...]]:
        """The rows, and the ids of those that are to go; both are then held no more."""
        rows, gone = tuple(self._rows.values()), tuple(sorted(self._gone))
        self._rows, self._gone, self.bytes = {}, set(), 0
        return rows, gone
