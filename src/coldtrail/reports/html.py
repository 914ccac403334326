"""The report as one web page that needs nothing else: no network, no script, no font.

Every expression of the templates passes `showing/html.py`, so that no name in the telemetry can act on the
page or deceive its reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coldtrail.alerts.attack import MATRIX_VERSION
from coldtrail.alerts.showing.html import in_attribute, in_text
from coldtrail.alerts.wording.amounts import duration
from coldtrail.errors import ConfigError
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile
from coldtrail.reports.page import page
from coldtrail.reports.summary import ReportSummary
from coldtrail.store.whole_file import write_whole

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_DETAILED = 25


def write_report(
    path: Path,
    *,
    alerts: Sequence[Alert],
    profiles: Mapping[FunctionKey, Profile],
    summary: ReportSummary,
    cases: Sequence[Case] = (),
    max_detailed: int = MAX_DETAILED,
) -> None:
    """Writes the page; raises `ConfigError` without jinja2, `ColdtrailError` where it cannot be written.

    Profiles are found by their functions' keys. At most `max_detailed` alerts are shown with all
    their evidence; the page says how many are not.
    """
    contents = page(alerts, profiles, summary, max_detailed, cases)
    text = render("report.html.j2", page=contents, matrix_version=MATRIX_VERSION)
    write_whole(path, [text.encode()])


def render(template: str, **values: Any) -> str:
    """The page that a template of this package makes of values; raises `ConfigError` without jinja2."""
    return _environment().get_template(template).render(**values)


def check_available() -> None:
    """Raises `ConfigError` without jinja2: call it before long work."""
    _environment()


@cache
def _environment() -> Environment:
    try:
        import jinja2
    except ModuleNotFoundError:
        raise ConfigError('The HTML report needs jinja2: pip install "coldtrail[report]".') from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("coldtrail.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["duration"] = duration
    environment.filters["percent"] = _percent
    environment.filters["attribute"] = _attribute
    return environment


def _shown(value: Any) -> Any:
    """What an expression of a template shows between tags."""
    return _markup(in_text(value)) if type(value) is str else value


def _attribute(value: object) -> Any:
    """What an expression of a template shows within a tag."""
    return _markup(in_attribute(str(value)))


def _markup(escaped: str) -> Any:
    from markupsafe import Markup

    return Markup(escaped)  # noqa: S704 (escaped by the two functions above)


def _percent(value: float) -> str:
    return f"{min(max(value, 0.0), 100.0):.2f}%"
