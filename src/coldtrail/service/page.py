"""The status page: what is open, how each source does, what was lost. No script, and everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from coldtrail.alerts.showing.plain import plain, short
from coldtrail.alerts.showing.shell import in_shell, notes
from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.alerts.wording.sentences import sentence
from coldtrail.records.case import Case
from coldtrail.records.next_step import NextStep
from coldtrail.service.settings import SPOOL
from coldtrail.service.status import Status, troubles
from coldtrail.sources.polling import SourceState
from coldtrail.store.database import AlertRow

MOST_ROWS = 100
MOST_LOSSES = 20
_LONGEST = 240
_LONGEST_STEP = 1_000
STYLE = """\
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #8886; vertical-align: top;
  overflow-wrap: anywhere; }
.bad, .critical, .high { color: #c22; font-weight: 600; } .medium { color: #a60; } .low { color: #27a; }
.ok { color: #183; } .dim { opacity: .7; }
li, h1 { overflow-wrap: anywhere; } code { display: block; font-size: .85rem; padding: .3rem .5rem;
  background: #8882; }
@media (prefers-color-scheme: dark) { .bad, .critical, .high { color: #f77; } .medium { color: #fb5; }
  .low { color: #8cf; } .ok { color: #7d9; } }
@media (max-width: 40rem) { thead { display: none; } tr { display: block; border-bottom: 1px solid #8886;
  padding: .4rem 0; } td { display: inline-block; border: 0; padding: 0 .7rem 0 0; } }
"""


def text(told: object, longest: int = _LONGEST) -> str:
    """What is told, on one line, safe inside a page."""
    return escape(short(str(told), longest))


def status_page(status: Status, alerts: Sequence[AlertRow], cases: Sequence[Case]) -> str:
    """The page at `/`."""
    still_open = [row for row in alerts if row.episode.state != "closed"]
    up_to = "" if status.event_time is None else f", telemetry up to {moment(status.event_time)} UTC"
    parts = [
        f"<h1>Coldtrail</h1><p class=dim>{moment(status.at)} UTC{text(up_to)}</p>",
        _health(troubles(status)),
        _section("Open alerts", _alerts(still_open)),
        _section("Cases", _cases(cases)),
        _section("Sources", _sources(status)),
        _section("Flow", _flow(status)),
        _section("Lost", _list(status.losses[:MOST_LOSSES], "Nothing was lost.")),
    ]
    return page("Coldtrail", "".join(parts), refresh=True)


def alert_page(row: AlertRow) -> str:
    """The page of one alert: why it was told, and what to do next."""
    alert, episode = row.alert, row.episode
    told = [
        f"<h1><span class={text(episode.severity)}>{text(episode.severity)}</span> {text(alert.title)}</h1>",
        f"<p class=dim>{text(alert.id)}: {text(episode.state)}, seen {counted(episode.count, 'time')}, "
        f"{_from_to(alert.first_seen, episode.last_seen)} UTC</p>",
        _section("Why", _list(map(sentence, alert.reasons), "Its kind says it.")),
        _section("Beside", _list(alert.details, "")) if alert.details else "",
        _section("What to look at next", _steps(alert.next_steps)),
        _section("Evidence", _list(_evidence(row), "No run was kept.")),
        _section("Decide", _commands(_decisions(alert.id))),
        '<p><a href="/">All alerts</a></p>',
    ]
    return page(short(alert.title), "".join(told))


def page(title: str, body: str, *, refresh: bool = False) -> str:
    """A whole page."""
    again = '<meta http-equiv="refresh" content="15">' if refresh else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'{again}<title>{text(title)}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body>{body}</body></html>"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{text(title)}</h2>{body}</section>"


def _list(lines: Iterable[str], otherwise: str) -> str:
    items = "".join(f"<li>{text(line, 1_000)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else f"<p>{text(otherwise)}</p>"


def _steps(steps: Iterable[NextStep]) -> str:
    """Steps in their order, each with the command beneath it."""
    items = "".join(f"<li>{_step(step)}</li>" for step in steps)
    return f"<ol>{items}</ol>" if items else "<p>Nothing.</p>"


def _step(step: NextStep) -> str:
    if step.command is None:
        return text(step.told, _LONGEST_STEP)
    why = "".join(f" {note}" for note in notes(step.command))
    told = text(f"{step.told}:{why}", _LONGEST_STEP)
    return f"{told}<code>{text(in_shell(step.command), _LONGEST_STEP)}</code>"


def _commands(lines: Iterable[str]) -> str:
    return "".join(f"<code>{text(line)}</code>" for line in lines)


def _decisions(id: str) -> list[str]:
    """What a person may do about the alert, as commands."""
    return [
        f"coldtrail alerts ack {id}",
        f'coldtrail alerts close {id} --as benign --note "why"',
        f"coldtrail alerts accept {id}",
    ]


def _from_to(first: float, last: float) -> str:
    begun, ended = moment(first), moment(last)
    return begun if begun == ended else f"{begun} to {ended}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], otherwise: str) -> str:
    """A table of cells that are safe already."""
    if not rows:
        return f"<p>{text(otherwise)}</p>"
    heads = "".join(f"<th>{text(one)}</th>" for one in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[:MOST_ROWS])
    more = len(rows) - MOST_ROWS
    rest = f"<p class=dim>{counted(more, 'more row')} not shown.</p>" if more > 0 else ""
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _health(found: Sequence[str]) -> str:
    if not found:
        return "<p class=ok>All stages move.</p>"
    return f"<div class=bad>{_list(found, '')}</div>"


def _severity(severity: str) -> str:
    return f"<span class={text(severity)}>{text(severity)}</span>"


def _alerts(rows: Sequence[AlertRow]) -> str:
    cells = [
        (
            _severity(row.episode.severity),
            f'<a href="/alerts/{text(row.alert.id)}">{text(plain(row.alert.title))}</a>',
            counted(row.episode.count, "time"),
            moment(row.episode.last_seen),
            text(
                f"silenced by {row.episode.suppressed_by}" if row.episode.suppressed_by else row.episode.state
            ),
        )
        for row in rows
    ]
    return _table(("Severity", "What", "How often", "Last seen", "State"), cells, "No alert is open.")


def _cases(cases: Sequence[Case]) -> str:
    cells = [
        (
            _severity(one.severity),
            text(plain(one.title)),
            counted(len(one.members), "sign"),
            moment(one.last_seen),
        )
        for one in sorted(cases, key=lambda one: -one.last_seen)
    ]
    return _table(("Severity", "What", "Signs", "Last seen"), cells, "No case.")


def _sources(status: Status) -> str:
    cells = [_source(one) for one in status.sources]
    if status.receiver is not None:
        for name, one in sorted(status.receiver.sources.items()):
            where = f"listening at {', '.join(one.listening)}" if one.listening else "not listening"
            cells.append((text(name), text(where), "", text(one.error)))
    return _table(("Source", "How it is", "Lag", "Last error"), cells, "No source.")


def _source(one: SourceState) -> Sequence[str]:
    lag = "" if one.lag_s is None else f"{one.lag_s:,.0f} s behind"
    name = "spool, of what is sent" if one.name == SPOOL else one.name
    return text(name), text(one.condition.value), lag, text(one.last_error)


def _flow(status: Status) -> str:
    counts = status.counts
    lines = [
        f"{counts.get('documents parsed', 0):,} documents read",
        f"{counts.get('documents refused', 0):,} documents refused",
        f"{counts.get('flows scored', 0):,} flows judged, {status.open_events:,} steps still open",
        f"{status.queue_bytes:,} bytes fetched and waiting, {status.spool_bytes:,} in the spool",
        f"{status.outbox.due:,} messages to send, {status.outbox.dead:,} given up",
        f"{status.alerts_a_day:.3g} alerts a day" + _budget(status),
        f"last commit {status.committed_s:.0f} seconds ago",
    ]
    return _list(lines, "")


def _budget(status: Status) -> str:
    return "" if status.budget_a_day is None else f", {status.budget_a_day:g} were asked for"


def _evidence(row: AlertRow) -> list[str]:
    look = row.alert.look_at
    told = [look.function_flow_id and f"run {look.function_flow_id}", look.application_flow_id]
    told += [look.record_id and f"record {look.record_id}"]
    return [one for one in told if one]
