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
from coldtrail.features.homes import at_home
from coldtrail.features.lean import whole
from coldtrail.records.identity import FunctionKey
from coldtrail.records.tally import Tally
from coldtrail.reports.flow_lines import flow_line
from coldtrail.store.whole_file import write_whole
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.lines import Lines
from coldtrail.verbs.outputs import Outputs
from coldtrail.verbs.pseudonym_key import pseudonyms_alone
from coldtrail.verbs.reading import PathLike, Progress, check_readable, read_flows, silent
from coldtrail.verbs.untraced import untraced


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
