"""The verb `explain`: one flow, its verdict, and how its function normally runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from coldtrail.bundle.folder import load
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.errors import ConfigError
from coldtrail.features.fitness import is_comparable
from coldtrail.records.flow import Flow
from coldtrail.records.profile import Profile
from coldtrail.records.verdict import Verdict
from coldtrail.verbs.pseudonym_key import pseudonyms_of
from coldtrail.verbs.reading import PathLike, Progress, nothing_usable, read_flows, silent, with_limits


class Explanation(Struct, frozen=True):
    """A flow with all that Coldtrail knows of it."""

    verdict: Verdict
    """With reasons even for a normal flow: what was least usual about it."""
    flow: Flow
    profile: Profile | None
    """How the function normally runs; None where it was never met."""
    not_judged: str = ""
    """Why it is not judged, a sentence; empty where it is."""
    losses: tuple[str, ...] = ()
    """What of the input was lost before the flow was found, one sentence each."""


def explain(
    bundle: PathLike,
    input: Sequence[PathLike] | PathLike,
    flow: str,
    *,
    format: str = "auto",
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Explanation:
    """The explanation of the flow with an id; raises `ConfigError` where the input does not hold it."""
    model, manifest = load(Path(bundle))
    pseudonyms = pseudonyms_of(Path(bundle), manifest)
    limited = with_limits(model.settings, settings)
    flows, tally = read_flows(input, limited, format, progress, pseudonyms=pseudonyms)
    found = next((one for one in flows if one.function_flow_id == flow), None)
    if found is None:
        if not tally.counts["flows assembled"]:
            raise nothing_usable(tally)
        assembled = tally.counts["flows assembled"]
        raise ConfigError(f"None of the {assembled:,} function flows in the input has the id {flow!r}.")
    key = found.key
    profile = next((one for one in model.profiles if one.key == key), None)
    verdict = model.judge_closely(found)
    why = why_not_judged(model, found) if verdict.verdict == "not_ready" else ""
    return Explanation(verdict, found, profile, why, tuple(tally.sentences()))


def why_not_judged(model: Model, flow: Flow) -> str:
    """Why a flow is `not_ready`: it is no such run as was learned, or too few were."""
    if not is_comparable(flow):
        return "It is not judged: this function is traced, but no trace of this run is here to judge it by."
    told_otherwise = model.told_otherwise.reason(flow)
    if told_otherwise:
        return f"It is not judged: {told_otherwise}"
    return "Too little of this function's history was learned to judge it."
