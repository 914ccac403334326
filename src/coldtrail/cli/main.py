"""The parser of the command line, and the exit status.

A verb's module is imported only when the verb is called: `coldtrail --help` starts no numpy.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from coldtrail.cli import streams
from coldtrail.cli.joined import joined_verbs
from coldtrail.cli.saying import Parser, say
from coldtrail.cli.verb import Verb
from coldtrail.errors import (
    ActionError,
    BundleError,
    ColdtrailError,
    ConfigError,
    DocumentError,
    SourceError,
)
from coldtrail.registry import without_laboratory
from coldtrail.version import __version__

DONE, FAILED, WRONG = 0, 1, 2
_INTERRUPTED = 130

_DESCRIPTION = """\
Learns how each of your serverless functions normally behaves from the telemetry
your cloud already records, and tells you, with the evidence, when one of them
has been turned against you."""

_EXAMPLE = """\
examples:
  coldtrail demo                                         see it work, in two minutes (coldtrail-lab)
  coldtrail inspect traces/                              what is in this telemetry
  coldtrail train --input traces/ --bundle model         learn what is normal
  coldtrail score --bundle model --input new.jsonl.gz --output verdicts.jsonl
  coldtrail explain --bundle model --input new.jsonl.gz --flow 8a9f3c0d11223344

A path is a file or a folder, plain, .gz or .zst; - is standard input.
Exit status: 0 done, 1 failed, 2 wrong use or wrong input."""


VERBS = {
    "train": Verb("coldtrail.cli.train", "learn what is normal from telemetry, into a bundle"),
    "update": Verb("coldtrail.cli.update", "learn more: add new telemetry to a bundle"),
    "score": Verb("coldtrail.cli.score", "judge telemetry by a bundle: verdicts, alerts, findings, a report"),
    "flows": Verb("coldtrail.cli.flows", "what was read, one JSON line a function flow"),
    "evaluate": Verb("coldtrail.cli.evaluate", "compare verdicts with labels"),
    "explain": Verb("coldtrail.cli.explain", "tell all about one function flow"),
    "bundle": Verb("coldtrail.cli.bundle", "what a trained model knows, function by function"),
    "inspect": Verb(
        "coldtrail.cli.inspect", "what is in this telemetry: formats, functions, flows, gaps, sampling"
    ),
    "init": Verb("coldtrail.cli.init", "write the settings of the live service, and what they need"),
    "doctor": Verb("coldtrail.cli.doctor", "whether the live service can do its work, and what to mend"),
    "backfill": Verb("coldtrail.cli.backfill", "learn from what the sources of the service still hold"),
    "watch": Verb("coldtrail.cli.watch", "the live service: read, judge, keep, and tell"),
    "alerts": Verb("coldtrail.cli.alerts", "alerts of the service: list, show, acknowledge, close, accept"),
    "cases": Verb("coldtrail.cli.cases", "cases of the service: list, show"),
    "silences": Verb("coldtrail.cli.silences", "what you want to hear nothing of, until when"),
    "outbox": Verb("coldtrail.cli.outbox", "messages that could not be delivered, and trying them again"),
}
LAB_VERBS = ("testbed", "reproduce", "demo", "live")
"""The verbs that the distribution coldtrail-lab brings."""
PRINTED_VERBS = (
    "evaluate",
    "explain",
    "bundle",
    "inspect",
    "doctor",
    "alerts",
    "cases",
    "silences",
    "outbox",
)
"""Those that write nothing but what they print."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _one_thread()
    is_silent = streams.prepare()
    try:
        status = _run(given, is_silent)
        streams.finish()
        return status
    except (ConfigError, DocumentError, BundleError) as error:
        return _fail(error, WRONG)
    except SourceError as error:
        return _fail(error, FAILED if error.retryable else WRONG)
    except (ActionError, ColdtrailError) as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        say("interrupted.")
        return _INTERRUPTED
    except BrokenPipeError:
        streams.leave(sys.stdout)
        return DONE
    except OSError as error:
        streams.leave(sys.stdout)
        where = f"{error.filename}: " if error.filename else ""
        return _fail(ColdtrailError(f"{where}the command cannot go on: {error.strerror or error}."), FAILED)


def _run(given: list[str], is_silent: bool) -> int:
    """Runs the verb; raises `ConfigError` where it is to print its result and standard output is closed."""
    try:
        options = _parse(given)
    except SystemExit:
        streams.finish()
        raise
    if is_silent and _is_printed(given, options):
        raise ConfigError("Standard output is closed, and the result is to go there; open it.")
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _is_printed(given: list[str], options: argparse.Namespace) -> bool:
    """Whether the result, or a part of it, goes to standard output."""
    from coldtrail.store.destinations import is_standard_output

    outputs = [getattr(options, name, None) for name in ("output", "alerts", "ocsf", "report")]
    asked = getattr(options, "json", False) or any(map(is_standard_output, outputs))
    return asked or _chosen(given) in PRINTED_VERBS


def _one_thread() -> None:
    """Keeps numpy to one thread: on small machines, two have been 20 times slower than one."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _parse(given: list[str]) -> argparse.Namespace:
    parser = Parser(
        "coldtrail",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"coldtrail {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    chosen = _chosen(given)
    for name, verb in _all_verbs(chosen).items():
        sub = verbs.add_parser(name, help=verb.help, formatter_class=argparse.RawDescriptionHelpFormatter)
        if name == chosen:
            import_module(verb.module).add_to(sub)
    return parser.parse_args(given)


def _chosen(given: list[str]) -> str | None:
    """The name of the verb."""
    return next((word for word in given if not word.startswith("-")), None)


def _all_verbs(chosen: str | None) -> dict[str, Verb]:
    """Coldtrail's own verbs, and those that joined it unless one of its own is chosen.

    Raises `ConfigError` for a verb of the laboratory where that is not installed.
    """
    if chosen in VERBS:
        return VERBS
    joined = joined_verbs()
    if chosen in LAB_VERBS and chosen not in joined:
        raise without_laboratory(f"coldtrail {chosen}")
    return VERBS | joined


def _fail(error: ColdtrailError, status: int) -> int:
    say(str(error))
    return status
