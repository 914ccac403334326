"""What was told of a recorded run beside what happened in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

HOUR_S = 3_600.0
Line = Mapping[str, Any]
Evidence = Mapping[tuple[str, int], set[str]]
"""By the id of an alert and how often it was seen; one actor's part of it was seen less often."""
OF_RUNS = frozenset(("sequence", "drift"))
"""Detectors of cases' members that are alerts of runs."""


class Told(Struct, frozen=True):
    """What became of one incident."""

    attack: str
    cases: int
    """That tell of it."""
    alone: bool
    """Whether the first of them tells of no other incident."""
    after_s: float | None
    """From its decisive record to the moment at which the case was certain; None without either."""
    severity: str
    names_function: bool
    story: tuple[str, ...]
    """The lines of the first of them."""
    apart: bool = True
    """Whether no other incident of the run is of its function or came with the same stolen key. Where one is,
    nothing but chance makes them two, and a case may well tell both."""


class Outcome(Struct, frozen=True):
    """One run, judged."""

    seed: int
    app: str
    days: float
    incidents: tuple[Told, ...]
    false_cases: tuple[str, ...]
    """Titles, with their severity, of cases that tell of no incident."""
    false_high: int
    alerts: int
    cases: int


def judged(seed: int, app: str, days: float, run: Path, output: Path) -> Outcome:
    """The outcome of one run, from its own files and from those that `score` wrote."""
    incidents = lines_of(run / "incidents.jsonl")
    cases, alerts = lines_of(output / "cases.jsonl"), lines_of(output / "alerts.jsonl")
    evidence = evidence_of(alerts)
    hits = [
        [any(_tells(member, one, evidence) for member in case["members"]) for one in incidents]
        for case in cases
    ]
    told = tuple(
        structs.replace(
            _told(
                incident,
                [(case, hit) for case, hit in zip(cases, hits, strict=True) if hit[number]],
                evidence,
            ),
            apart=_is_apart(incident, incidents),
        )
        for number, incident in enumerate(incidents)
    )
    false = [case for case, hit in zip(cases, hits, strict=True) if not any(hit)]
    return Outcome(
        seed,
        app,
        days,
        told,
        tuple(f"{case['severity']}: {case['title']}" for case in false),
        sum(case["severity"] in ("high", "critical") for case in false),
        len(alerts),
        len(cases),
    )


def lines_of(path: Path) -> list[Line]:
    """The JSON lines of a file, none of one that is missing."""
    if not path.exists():
        return []
    found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [line for line in found if not line.get("withdrawn")]


def _told(incident: Line, cases: Sequence[tuple[Line, list[bool]]], evidence: Evidence) -> Told:
    if not cases:
        return Told(incident["attack"], 0, False, None, "", False, ())
    case, hit = min(cases, key=lambda one: float(one[0]["opened_at"]))
    decisive = incident["decisive"]
    certain = [
        member["at"] for one, _ in cases for member in one["members"] if _tells(member, incident, evidence)
    ]
    after = None if decisive is None else max(min(certain), case["opened_at"]) - decisive["time"]
    if after is not None and case["opened_at"] < incident["begin"]:
        after = min(certain) - decisive["time"]
    names = set(case["functions"]) & set(incident["function_names"])
    story = tuple(entry["what"] for entry in case["timeline"])
    return Told(incident["attack"], len(cases), sum(hit) == 1, after, case["severity"], bool(names), story)


def evidence_of(alerts: Sequence[Line]) -> Evidence:
    """The ids that each alert names."""
    return {(alert["id"], alert["count"]): ids_of(alert["evidence"]) for alert in alerts}


def ids_of_case(case: Line, evidence: Evidence) -> set[str]:
    """The ids of all that a case tells of; `evidence` has those of each alert."""
    return {one for member in case["members"] for one in _ids_of_member(member, evidence)}


def _tells(member: Line, incident: Line, evidence: Evidence) -> bool:
    """Whether a member tells of an incident: it names one of its records; or, where it names minutes and
    requests alone, is about its function in its time, which for minutes is short: of an attack that lasts for
    days they tell nothing."""
    if not _ids_of_member(member, evidence).isdisjoint(_ids_of_incident(incident)):
        return True
    kinds = {ref["kind"] for ref in member["refs"]}
    is_short = incident["end"] - incident["begin"] <= HOUR_S
    if not kinds <= {"request", "minute"} or ("minute" in kinds and not is_short):
        return False
    in_time = member["since"] <= incident["end"] and incident["begin"] <= member["at"]
    return in_time and bool(member["subject"]["function_name"] == incident["function_names"][0])


def _ids_of_member(member: Line, evidence: Evidence) -> set[str]:
    """What a member tells of. It may be one actor's part of an alert, whose references say all; of a whole
    alert of runs these are the first, and the alert has more."""
    refs = {ref["id"] for ref in member["refs"]}
    if refs and member["detector"] not in OF_RUNS:
        return refs
    return refs | evidence.get((member["alert_id"] or "", member["count"]), set())


def _is_apart(incident: Line, incidents: Sequence[Line]) -> bool:
    others = [one for one in incidents if one is not incident]
    function, keys = incident["function_names"][:1], _keys(incident)
    return not any(one["function_names"][:1] == function or keys & _keys(one) for one in others)


def _keys(incident: Line) -> set[str]:
    return {key for who in incident.get("principals", ()) for key in who["access_key_ids"]}


def _ids_of_incident(incident: Line) -> set[str]:
    return {*incident["event_ids"], *incident["function_flow_ids"]}


def ids_of(evidence: Sequence[Line]) -> set[str]:
    """The ids that an alert's evidence names."""
    return {value for one in evidence for value in one.values() if value}
