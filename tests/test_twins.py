"""Each source file has its twin among the tests, but for a short stated list."""

from __future__ import annotations

from pathlib import Path

import coldtrail

SOURCES = Path(coldtrail.__file__).parent
TESTS = Path(__file__).parent
TESTED_ELSEWHERE = {
    "__main__.py": "cli/test_main.py runs it",
    "version.py": "cli/test_main.py prints it",
    "errors.py": "cli/test_main.py gives each its status",
    **{
        f"records/{name}.py": "plain records: every test makes some"
        for name in (
            "telemetry",
            "witnesses",
            "flow",
            "verdict",
            "profile",
            "alert",
            "shift",
            "identity",
            "finding",
            "next_step",
            "contradiction",
            "facts",
            "trace_link",
            "window",
            "signal",
            "encounter",
            "traits",
            "case",
            "silence",
            "delivery",
            "episode",
            "intake",
        )
    },
    **{f"cli/{name}.py": "cli/test_live.py" for name in ("watch", "alerts", "cases", "silences", "outbox")},
    **{
        f"service/{name}.py": "service/test_loop.py and test_replay.py"
        for name in ("committing", "feeds", "line", "running", "standing")
    },
    **{f"service/{name}.py": "service/test_pages.py" for name in ("health", "metrics", "page", "status")},
    "service/opening.py": "cli/test_live.py",
    **{f"service/{name}.py": "service/test_watching.py" for name in ("beside", "telling")},
    "verbs/watching.py": "cli/test_live.py and service/test_replay.py",
    "reports/live_tables.py": "cli/test_live.py",
    "sources/context.py": "a plain record: every test of a source makes one",
    "notifiers/notifier.py": "what all notifiers share: each of their tests",
    "store/database.py": "what all databases share: each of their tests",
    "service/receiver_report.py": "plain records: service/test_receiver.py",
    "formats/service_table.py": "a table: formats/test_services.py",
    "features/starting.py": "assembly/test_starting.py",
    "detectors/signal_detector.py": "contracts/test_signal_detectors.py",
    "detectors/credentials/states.py": "plain records: detectors/credentials/test_detector.py",
    "detectors/egress/states.py": "plain records: detectors/egress/test_detector.py",
    "records/columns.py": "plain records: features/test_lean.py and assembly/test_lean.py",
    "assembly/counted.py": "assembly/test_windows.py",
    "assembly/closed.py": "assembly/test_upstream.py and test_conflicts.py",
    "assembly/statements.py": "assembly/test_copies.py and test_heads.py",
    **{
        f"assembly/join/{name}.py": "assembly/join/test_joining.py and test_untraced.py"
        for name in ("by_id", "calls", "counting", "facts", "held_flows", "ids", "rest", "since", "steps")
    },
    "store/sql_database.py": "contracts/test_databases.py",
    "cli/verb.py": "a plain record: cli/test_main.py",
    "alerts/parts.py": "alerts/test_groups.py",
    "alerts/several.py": "alerts/test_groups.py",
    "alerts/flow_table.py": "alerts/test_grouping.py",
    "alerts/drafts.py": "alerts/test_alerts.py",
    "detectors/drift/aside.py": "detectors/drift/test_ordering.py",
    "detectors/detector.py": "what all detectors share: contracts/test_detectors.py",
    "alerts/manner.py": "alerts/wording/test_sentences.py and test_titles.py",
    "alerts/wording/phrases.py": "alerts/test_alerts.py",
    "reports/facts.py": "parts of the page: reports/test_html.py",
    "reports/learned.py": "parts of the page: reports/test_html.py",
    "reports/ocsf_objects.py": "parts of a finding: reports/test_ocsf.py",
    "reports/page.py": "parts of the page: reports/test_html.py",
    "reports/steps.py": "parts of the page: reports/test_html.py",
    "reports/summary.py": "a plain record: reports/test_html.py",
}


def test_each_source_file_has_its_twin() -> None:
    sources = {path.relative_to(SOURCES) for path in SOURCES.rglob("*.py") if path.name != "__init__.py"}
    alone = {str(path) for path in sources if not (TESTS / path.parent / f"test_{path.name}").is_file()}
    assert alone <= TESTED_ELSEWHERE.keys()


def test_the_list_of_exceptions_names_files_that_exist() -> None:
    assert [name for name in TESTED_ELSEWHERE if not (SOURCES / name).is_file()] == []
