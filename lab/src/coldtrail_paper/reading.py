"""Recorded runs to the experiment's data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from coldtrail.config import ApplicationRule, ApplicationSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.evaluate import Label
from coldtrail.records.flow import Flow
from coldtrail.verbs.reading import Progress, read_flows, silent
from coldtrail_paper.dataset import Data, Part, held, interleaved
from coldtrail_paper.plan import FUNCTIONS
from coldtrail_paper.runs import LABELS, TRACES, Run


def read(runs: Sequence[Run], progress: Progress = silent) -> Data:
    """The data of the runs: training parts teach the words, and both sides are in their order of time.

    Raises `ConfigError` where a side holds no run of a prominent function.
    """
    sides = {
        part: [(run, _flows(run, progress)) for run in runs if run.plan.part == part]
        for part in ("train", "test")
    }
    vocabulary = Vocabulary()
    learn_words([flow for _, flows in sides["train"] for flow in flows], vocabulary)
    parts = {part: _part(sides[part], vocabulary) for part in sides}
    return Data(parts["train"], parts["test"])


def _flows(run: Run, progress: Progress) -> list[Flow]:
    application = run.plan.application
    rule = ApplicationRule(functions=".+", application=application)
    settings = Settings(applications=ApplicationSettings(rules=(rule,)))
    flows, _ = read_flows([run.folder / TRACES], settings, "xray", progress)
    chosen = [flow for flow in flows if flow.function_name in FUNCTIONS[application] and flow.complete]
    if not chosen:
        raise ConfigError(f"{run.folder}: the run holds no complete run of a prominent function.")
    return sorted(chosen, key=lambda flow: (flow.start_time, flow.function_flow_id))


def _part(sides: Sequence[tuple[Run, list[Flow]]], vocabulary: Vocabulary) -> Part:
    flows = [flow for _, read in sides for flow in read]
    attacks = {flow: attack for run, _ in sides for flow, attack in _labels(run.folder / LABELS).items()}
    application = np.array([flow.application_name for flow in flows], np.str_)
    order = interleaved(application)
    return Part(
        held(encode(flows, vocabulary).take(order)),
        application[order],
        np.array([flow.function_name for flow in flows], np.str_)[order],
        np.array([attacks.get(flow.function_flow_id, "") for flow in flows], np.str_)[order],
    )


def _labels(path: Path) -> dict[str, str]:
    """Attacks by function flow."""
    decode = msgspec.json.Decoder(Label).decode
    try:
        labels = [decode(line) for line in path.read_bytes().splitlines() if line.strip()]
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path}: the labels cannot be read: {error}.") from None
    return {label.function_flow_id: label.attack for label in labels}
