"""What it costs to join three witnesses to the flows of traces, in time and in memory.

`python -m benchmarks.joining` reads traces with Lambda's reports, calls of CloudTrail and lines of a gateway
beside them, one of each for every flow, and judges all; and the same traces alone, in turn. The witnesses are
made beforehand: what reading them costs is that of their formats (`benchmarks/parsers.py`).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import cpu_seconds, machine
from coldtrail.assembly.from_documents import BATCH_DOCUMENTS, any_flows_from, batches
from coldtrail.bundle.folder import load
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.formats.detect import parser_for
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.pipeline import Judged, Pipeline
from coldtrail.records.columns import WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Access, ApiCall, Report
from coldtrail.store.scratch import scratch
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.training import train
from tests.fixtures.telemetry import payload_of, traces

TRACES = 10_000
"""Of two functions each."""
MOST_COST = 0.30
_MEMORY = (25_000, 100_000)
_A_DOCUMENT = 50
_MARK = b"witnesses of "
_OWN = frozenset(("lifecycle", "function", "remote"))


class Told:
    """A parser of traces, and of documents that stand for witnesses which were made before."""

    def __init__(self, settings: Settings) -> None:
        self._parser, self._made = XRayParser(settings), dict[bytes, Observations]()

    def documents(self, flows: Iterable[Flow]) -> Iterator[Document]:
        """Documents for the witnesses of flows, of some each as logs and trails have them."""
        number = 0
        for some in batches(flows, _A_DOCUMENT):
            told = [of_flow(number + place, flow) for place, flow in enumerate(some)]
            number += len(some)
            payload = b"%s%d %d" % (_MARK, number, id(told))
            self._made[payload] = Observations(
                calls=tuple([one.calls[0] for one in told]),
                reports=tuple([one.reports[0] for one in told]),
                accesses=tuple([one.accesses[0] for one in told]),
            )
            yield Document(payload, "witnesses")

    def forget(self, document: Document) -> None:
        """Lets go of the witnesses that a document stands for."""
        del self._made[document.payload]

    def __call__(self, document: Document) -> Observations:
        return self._made.get(document.payload) or self._parser(document)

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same, as columns where that can be."""
        return self._made.get(document.payload) or self._parser.straight(document)


def of_flow(number: int, flow: Flow) -> Observations:
    """What a report, the audit log and a gateway tell of a flow: of its calls, the first."""
    account, region, end = flow.account or "", flow.region or "", flow.end_time
    report = Report(
        end, flow.request_id, flow.function_name, duration_s=0.1, billed_s=0.1, memory_used_mb=80.0
    )
    access = Access(
        flow.start_time, f"g{number}", flow.request_id, gateway="shop/prod", source_ip="p-1", status=200
    )
    event = next(event for event in flow.events if event.event_type not in _OWN)
    arn = f"arn:aws:lambda:{region}:{account}:function:{flow.function_name}"
    call = ApiCall(
        f"e{number}", float(int(event.start_time)), account, region, event.event_type, event.event_name,
        digest=str(number), target=event.event_target_resource, access_key=f"p-{number % 50}",
        principal_kind="AssumedRole", principal_account=account, credentials_of=arn,
    )  # fmt: skip
    return Observations(calls=(call,), reports=(report,), accesses=(access,))


def judged(model: Model, told: Told, documents: Iterable[Document], store: bool = True) -> int:
    """How many flows were judged."""
    number = 0
    with scratch() as place:
        line = Pipeline(model, told, model.settings, Tally(), place if store else None)
        for some in batches(documents, BATCH_DOCUMENTS):
            number += sum(isinstance(one, Judged) for one in line.passing(some))
        number += sum(isinstance(one, Judged) for one in line.finish())
    return number


def made(number: int, seed: int) -> list[Document]:
    """So many traces."""
    return [Document(payload_of(one), "traces") for one in traces(number, seed)]


def main() -> int:
    """The exit status: 0 if the bar is met."""
    parser = argparse.ArgumentParser(description="The cost of joining three witnesses.")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument("--traces", type=int, default=TRACES, help=f"of two flows each (default {TRACES:,})")
    parser.add_argument("--peak", type=int, help="print the memory that so many traces take")
    parser.add_argument("--alone", action="store_true", help="with --peak: traces without witnesses")
    options = parser.parse_args()
    if options.peak:
        print(peak(options.peak, alone=options.alone))
        return 0
    with TemporaryDirectory(prefix="coldtrail-bench-") as name:
        model = learned(Path(name))
    told, some = Told(model.settings), made(options.traces, 2)
    flows = [whole(one) for one in any_flows_from(some, told, model.settings, Tally())]
    witnesses = list(told.documents(flows))
    alone, together = list[float](), list[float]()
    with rare_collections():
        for _ in range(options.rounds):
            alone.append(cpu_seconds(lambda: judged(model, told, some)))
            together.append(cpu_seconds(lambda: judged(model, told, [*some, *witnesses])))
    number = len(flows)
    cost = statistics.median(two / one - 1 for one, two in zip(alone, together, strict=True))
    print(f"Median of {options.rounds} rounds of {number:,} flows; {machine()}")
    print(f"traces alone      {number / statistics.median(alone):>9,.0f} flows/s")
    print(f"three witnesses   {number / statistics.median(together):>9,.0f} flows/s")
    print(f"cost              {cost:>9.0%} more processor seconds; throughput {1 / (1 + cost) - 1:+.0%}")
    for traces_ in _MEMORY:
        told_of = [peak_of(traces_, *more) for more in ((), ("--alone",))]
        print(f"memory at {2 * traces_:,} flows: {told_of[0]:,.0f} MB, of traces alone {told_of[1]:,.0f} MB")
    return 0 if 1 - 1 / (1 + cost) <= MOST_COST else 1


def learned(folder: Path) -> Model:
    """A model of such traces."""
    (folder / "in.jsonl").write_bytes(b"\n".join(map(payload_of, traces(4_000, 1))))
    train(folder / "in.jsonl", folder / "model")
    return load(folder / "model")[0]


def peak_of(number: int, *more: str) -> float:
    """The megabytes that a process of its own takes for so many traces."""
    command = [sys.executable, "-m", "benchmarks.joining", "--peak", str(number), *more]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak(number: int, *, alone: bool) -> float:
    """The megabytes that assembling so many traces takes, their witnesses told one by one."""
    settings = Settings()
    parser = parser_for("xray", settings)
    told = Told(settings)

    def documents() -> Iterator[Document]:
        for one in traces(number, 2):
            document = Document(payload_of(one), "traces")
            yield document
            if not alone:
                flows = [whole(flow) for flow in any_flows_from([document], parser, settings, Tally())]
                for witness in told.documents(flows):
                    yield witness
                    told.forget(witness)

    with scratch() as store:
        for _ in any_flows_from(documents(), told, settings, Tally(), store):
            pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(main())
