"""The files that `score` writes beside the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from coldtrail.bundle.manifest import check_outside
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile
from coldtrail.reports.alert_lines import write_alerts
from coldtrail.reports.case_lines import write_cases
from coldtrail.reports.summary import ReportSummary
from coldtrail.sources.folders import is_telemetry
from coldtrail.store.destinations import Way, descriptor_of, is_standard_output, way_to
from coldtrail.store.drafts import clear_drafts
from coldtrail.verbs.reading import PathLike


class Cases(NamedTuple):
    """Cases that are told."""

    told: Sequence[Case]
    withdrawn: Sequence[str] = ()
    """Ids of cases that stand no more: they turned out to be parts of others."""

    @property
    def shown(self) -> Sequence[Case]:
        """All of them, where any says more than its alert does."""
        return self.told if any(len(case.members) > 1 for case in self.told) else ()


class Outputs(NamedTuple):
    """Where results go; None where they are not asked for."""

    verdicts: PathLike | None = None
    alerts: PathLike | None = None
    ocsf: PathLike | None = None
    report: PathLike | None = None
    cases: PathLike | None = None
    state: PathLike | None = None
    """The folder to go on from."""

    @property
    def files(self) -> list[PathLike]:
        """All outputs but the state, as far as they are asked for."""
        return [output for output in self[:5] if output is not None]

    @property
    def on_standard_output(self) -> bool:
        """Whether one of them comes out where the command prints."""
        return any(is_standard_output(output) for output in self.files)

    def clear_drafts(self) -> list[str]:
        """Removes what killed commands left of files that they were to write; a sentence for each."""
        return [said for output in self.files for said in clear_drafts(Path(output))]

    def check(self, input: Sequence[PathLike] | PathLike) -> None:
        """Raises `ConfigError` where an output would take the place of an input, of another output or of a
        part of a bundle or state, or where what makes it is not installed, and `ColdtrailError` where it
        cannot be written."""
        inputs = [input] if isinstance(input, str | Path) else input
        taken = {resolved(path): "is read as telemetry" for path in inputs}
        state = None if self.state is None else resolved(self.state)
        for output in self.files:
            _check(Path(output), taken, state)
        if self.state is not None:
            check_outside(Path(self.state))
        if self.report is not None:
            from coldtrail.reports.html import check_available

            check_available()

    def write_reports(
        self,
        alerts: Sequence[Alert],
        withdrawn: Sequence[str],
        cases: Cases,
        profiles: Sequence[Profile],
        head: ReportSummary,
    ) -> None:
        """Writes what tells of alerts, as far as it is asked for."""
        if self.alerts is not None:
            write_alerts(alerts, Path(self.alerts), withdrawn)
        if self.cases is not None:
            write_cases(cases.told, Path(self.cases), cases.withdrawn)
        if self.ocsf is not None:
            from coldtrail.reports.ocsf import write_findings

            write_findings(alerts, Path(self.ocsf))
        if self.report is not None:
            from coldtrail.reports.html import write_report

            known: dict[FunctionKey, Profile] = {one.key: one for one in profiles}
            write_report(Path(self.report), alerts=alerts, cases=cases.shown, profiles=known, summary=head)


def resolved(path: PathLike) -> Path:
    """The path without links; raises `ConfigError` where links lead back to themselves."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError):
        raise ConfigError(f"{path}: this link leads back to itself; name another path.") from None


def place_of(output: Path) -> Path:
    """What an output leads to, without links; for a descriptor, what that is open on."""
    number = descriptor_of(output)
    return resolved(output if number is None else f"/dev/fd/{number}")


def _check(output: Path, taken: dict[Path, str], state: Path | None) -> None:
    """Takes the place of an output; raises `ConfigError` where it is taken already."""
    try:
        way = way_to(output)
    except OSError as error:
        raise ColdtrailError(f"{output}: the file cannot be written: {error.strerror}.") from None
    path = place_of(output)
    if way is Way.STREAM and path.is_char_device() and not is_standard_output(output):
        return
    check_outside(path)
    if path.exists() and is_telemetry(path.name) and not taken.keys().isdisjoint(path.parents):
        taken[path] = "is read as telemetry"
    if state is not None and state in (path, *path.parents):
        raise ConfigError(f"{output}: this lies in the folder of the state; choose a place outside it.")
    if path in taken:
        raise ConfigError(f"{output}: this file {taken[path]} by the same command; name another output.")
    taken[path] = "is written"
