"""The report as one web page that needs nothing else."""

from __future__ import annotations

from coldtrail.reports.html import render
from coldtrail_paper.published import published
from coldtrail_paper.report import Report


def page(report: Report) -> str:
    """The page; raises `ConfigError` without jinja2."""
    return render("reproduction.html.j2", report=report, published=published())
