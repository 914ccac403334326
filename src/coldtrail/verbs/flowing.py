"""The verb `flows`: what was read, one line a function flow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile

import msgspec
from msgspec import Struct

from coldtrail.alerts.showing.json import in_json
from coldtrail.config import Settings
from coldtrail.errors import ColdtrailError
from coldtrail.features.fitness import BESIDE
from coldtrail.features.homes import at_home
from coldtrail.features.lean import whole
from coldtrail.records.facts import Facts
from coldtrail.records.flow import Event, Flow, InvocationType
from coldtrail.records.identity import FunctionKey
from coldtrail.records.tally import Tally
from coldtrail.store.whole_file import write_whole
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.lines import Lines
from coldtrail.verbs.outputs import Outputs
from coldtrail.verbs.pseudonym_key import pseudonyms_alone
from coldtrail.verbs.reading import PathLike, Progress, check_readable, read_flows, silent
from coldtrail.verbs.untraced import untraced

NOTHING = Facts()


class StepLine(Struct, frozen=True, gc=False):
    """One step of a flow's line."""

    event_id: str
    event_name: str
    event_type: str
    event_target_resource: str | None
    start_time: float
    end_time: float
    depth: int
    """1 for a step without a parent."""
    error: bool
    witness: str
    """The format that told of it."""


class FlowLine(Struct, frozen=True, gc=False):
    """One function flow, as a line tells it."""

    account: str | None
    region: str | None
    application_name: str
    function_name: str
    version: str | None
    function_flow_id: str
    application_flow_id: str
    request_id: str | None
    start_time: float
    end_time: float
    cold_start: bool
    error: bool
    complete: bool
    trigger: str | None
    caller: str | None
    steps: tuple[StepLine, ...]
    facts: Facts
    """What other witnesses than traces add; empty where there are none."""
    witnesses: tuple[str, ...]
    """The formats that told of it."""
    invocation_type: InvocationType | None
    """Null where no record tells."""


class FlowsSummary(Struct, frozen=True):
    """How much was written, and what was lost on the way."""

    flows: int
    functions: int
    tally: Tally
    gaps: list[str]
    """Functions that were invoked, and of which no flow is here, a sentence each."""
    notes: list[str]
    """What was put right beside the output before, a sentence each."""


def flows(
    paths: Sequence[PathLike] | PathLike,
    output: PathLike,
    *,
    format: str = "auto",
    settings: Settings | None = None,
    progress: Progress = silent,
) -> FlowsSummary:
    """The summary of writing all function flows of files and folders, one JSON line each, by their start.

    The file is written whole or not at all. Raises `ConfigError` where nothing was readable, or where the
    output would take the place of an input.
    """
    outputs = Outputs(output)
    outputs.check(paths)
    notes = outputs.clear_drafts()
    read, tally = read_flows(paths, settings or Settings(), format, progress, pseudonyms=pseudonyms_alone())
    functions: set[FunctionKey] = set()
    encode = msgspec.json.Encoder().encode
    number = 0
    try:
        with rare_collections(), TemporaryFile() as scratch:
            lines = Lines(scratch)
            for flow in map(whole, at_home(read)):
                lines.add_line(in_json(encode(flow_line(flow))), flow.start_time)
                functions.add(flow.key)
                number += 1
            if not number:
                check_readable(tally)
            progress("writing", 0, 0)
            write_whole(Path(output), lines.in_order())
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ColdtrailError(f"The flows cannot be written: {error.strerror}.") from None
    gaps = untraced(tally, {key.function for key in functions})
    return FlowsSummary(number, len(functions), tally, gaps, notes)


def flow_line(flow: Flow) -> FlowLine:
    """The line of a flow."""
    traces = [name for name in flow.witnesses if name not in BESIDE]
    only = traces[0] if len(traces) == 1 else ""
    pairs = zip(flow.events, flow.depths, strict=True)
    return FlowLine(
        flow.account,
        flow.region,
        flow.application_name,
        flow.function_name,
        flow.version,
        flow.function_flow_id,
        flow.application_flow_id,
        flow.request_id,
        flow.start_time,
        flow.end_time,
        flow.cold_start,
        flow.error,
        flow.complete,
        flow.trigger,
        flow.caller,
        tuple([_step_line(event, depth, only) for event, depth in pairs]),
        flow.facts or NOTHING,
        flow.witnesses,
        flow.invocation_type,
    )


def _step_line(event: Event, depth: int, only: str) -> StepLine:
    return StepLine(
        event.event_id,
        event.event_name,
        event.event_type,
        event.event_target_resource,
        event.start_time,
        event.end_time,
        depth,
        event.error,
        event.witness or only,
    )
