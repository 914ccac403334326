"""Observations in any order to signals in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.config import BaselineSettings, Settings
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.detectors.signalling import KNOWN_BEFORE, STRAY_S, TOLD_AGAIN, Signalling, detectors_of
from coldtrail.errors import ConfigError
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.finding import Finding, Subject
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Observations
from coldtrail.records.traits import Trait
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Metric, Network
from coldtrail.registry import SIGNAL_DETECTORS
from coldtrail.testing import make_flow

NOON = 1_700_000_000.0
PAY = FunctionKey("111122223333", "eu-west-1", "default", "pay")


class Echo(SignalDetector):
    """Signals each encounter, and says how many came before."""

    name = "echo"
    sees = (ApiCall, Window, Run)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self.seen = 0

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        return [self._signal(one) for one in batch]

    def _signal(self, one: Encounter) -> Signal:
        self.seen += 1
        what = one.what
        name = what.event_id if isinstance(what, ApiCall) else type(what).__name__
        seen = Trait("operation", f"{self.seen} {name}")
        finding = Finding("echo", Subject.of(one.actor or one.target or PAY), None, None, seen)
        refs = (Ref("event", name),)
        return Signal(detector=self.name, finding=finding, strength=1.0, since=one.at, at=one.at, refs=refs)

    def snapshot(self) -> State:
        return {"seen": packed(self.seen)}

    def restore(self, state: State) -> None:
        self.seen = unpacked(state, "seen", int)

    def not_ready(self) -> Mapping[FunctionKey, str]:
        return {PAY: "needs more"}


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr("coldtrail.detectors.signalling.SIGNAL_DETECTORS", SIGNAL_DETECTORS)
    monkeypatch.setitem(SIGNAL_DETECTORS, "echo", f"{__name__}:Echo")
    return Settings(baselines=BaselineSettings(detectors=("echo",)))


def call(number: int, at: float) -> ApiCall:
    return ApiCall(f"e{number:03d}", at, "111122223333", "eu-west-1", "S3", "GetObject")


def names(signals: Sequence[Signal]) -> list[str]:
    return [one.refs[0].id for one in signals]


def test_what_comes_in_any_order_is_seen_by_time(echo: Settings) -> None:
    calls = [call(n, NOON + n) for n in range(20)]
    mixed = calls.copy()
    Random(1).shuffle(mixed)
    one = Signalling(echo)
    for told in mixed:
        one.observe(Observations(calls=(told,)))
    seen = [signal.finding.seen for signal in one.advance(inf)]
    expected = [f"{number} {told.event_id}" for number, told in enumerate(calls, 1)]
    assert [what.value for what in seen if isinstance(what, Trait)] == expected


def test_within_a_second_keys_are_given_out_first_and_no_pseudonym_decides(echo: Settings) -> None:
    issuing = [replace(call(n, NOON), issued_key="p-key") for n in (7, 8)]
    orders = set()
    for pseudonym in ("p-1", "p-2", "p-3", "p-4", "p-5"):
        using = [replace(call(n, NOON), access_key=pseudonym) for n in range(7)]
        one = Signalling(echo)
        one.observe(Observations(calls=(*using, *issuing)))
        seen = [signal.finding.seen for signal in one.advance(inf)]
        told = [what.value for what in seen if isinstance(what, Trait)]
        orders.add(tuple(sorted(told, key=lambda text: int(text.split()[0]))))
    ((*order,),) = orders
    assert {text.split()[1] for text in order[:2]} == {"e007", "e008"}


def test_nothing_is_seen_before_all_windows_of_its_time_can_be_certain(echo: Settings) -> None:
    one = Signalling(echo)
    one.observe(Observations(calls=(call(1, NOON),)))
    assert one.advance(NOON + LONGEST_RUN_S) == []
    assert names(one.advance(NOON + LONGEST_RUN_S + 61)) == ["e001"]


def test_copies_count_once_early_and_late(echo: Settings) -> None:
    tally = Tally()
    one = Signalling(echo, tally)
    one.observe(Observations(calls=(call(1, NOON), call(1, NOON), call(2, NOON + 3_600))))
    assert names(one.advance(inf)) == ["e001", "e002"]
    one.observe(Observations(calls=(call(1, NOON),)))
    assert one.advance(inf) == []
    assert tally.counts[TOLD_AGAIN] == 2


def lines(under: str) -> list[str]:
    """Requests and traffic of one moment, told with pseudonyms of some key, as they are seen."""
    names = [f"p-{(number * 7 + len(under) * 3) % 10}{under}" for number in range(10)]
    told = Observations(
        accesses=tuple(Access(NOON, f"g{number}", source_ip=name) for number, name in enumerate(names)),
        networks=tuple(
            Network(NOON, NOON, "1", interface=f"eni-{number}", remote=name)
            for number, name in enumerate(names)
        ),
    )
    one = Signalling(Settings(baselines=BaselineSettings(detectors=("echo",))))
    one.observe(told)
    some = [told.id for signal in one.advance(inf) for told in signal.refs]
    return [text.removesuffix(under) for text in some]


def test_no_pseudonym_decides_the_order_of_requests_and_traffic(
    echo: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Echo, "sees", (Access, Network))

    def signal(self: Echo, one: Encounter) -> Signal:
        name = str(getattr(one.what, "request_id", None) or getattr(one.what, "interface", ""))
        return Signal(
            detector="echo", finding=Finding("echo", Subject.of(PAY), None, None, Trait("operation", name)),
            strength=1.0, since=one.at, at=one.at, refs=(Ref("event", name),),
        )  # fmt: skip

    monkeypatch.setattr(Echo, "_signal", signal)
    assert lines("a") == lines("bb") == lines("ccc")
    assert len(lines("a")) == 20


def test_minutes_of_functions_beyond_those_followed_reach_no_detector_and_are_told(
    echo: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coldtrail.detectors.whose.MOST_FUNCTIONS", 3)
    tally = Tally()
    one = Signalling(echo, tally, [PAY])
    for number in range(9):
        place = {"account": PAY.account, "region": PAY.region, "invocations": 1.0}
        one.observe(Observations(metrics=(Metric(NOON + number, 60.0, f"made{number}", **place),)))
    one.observe(Observations(metrics=(Metric(NOON, 60.0, PAY.function, **place),)))
    found = [signal.finding.subject.function_name for signal in one.advance(inf)]
    assert (len(found), "pay" in found, tally.losses["function too many"]) == (3, True, 7)


def test_what_was_learned_is_not_learned_again(echo: Settings) -> None:
    def told(*numbers: int) -> Observations:
        return Observations(calls=tuple(call(n, NOON + 60 * n) for n in numbers))

    learned = Signalling(echo)
    learned.observe(told(0, 1, 2))
    learned.advance(inf)
    tally = Tally()
    again = Signalling(echo, tally)
    again.relearn(learned.learned())
    again.pass_over_known()
    again.observe(told(1, 2, 3, 4))
    # Another account, and another kind of record, were not learned of.
    again.observe(Observations(calls=(replace(call(9, NOON), account="999988887777"),)))
    again.observe(Observations(metrics=(Metric(NOON, 60.0, "pay", account=PAY.account, region=PAY.region),)))
    assert sorted(names(again.advance(inf))) == ["Window", "e003", "e004", "e009"]
    assert tally.counts[KNOWN_BEFORE] == tally.losses["known before"] == 2
    assert [one for one in tally.sentences() if "not learned again" in one]


def test_a_wrong_date_that_comes_alone_makes_nothing_late(echo: Settings) -> None:
    learned = Signalling(echo)
    learned.observe(Observations(calls=(call(0, NOON - 600),)))
    learned.advance(inf)
    tally = Tally()
    one = Signalling(echo, tally)
    one.relearn(learned.learned())
    far = NOON + 30 * 365 * 86_400
    assert one.advance(far) == []
    one.observe(Observations(calls=(call(9, far),)))
    assert one.advance(far) == []
    again = Signalling(echo, tally)
    again.restore(one.snapshot())
    for number in range(1, 4):
        again.observe(
            Observations(calls=tuple(call(number + 10 * n, NOON + 7_200 * number) for n in range(2)))
        )
        again.advance(far)
    assert sorted(names(again.advance(inf))) == ["e003", "e013"]
    assert tally.counts["encounters that came late"] == 0
    assert tally.losses["stray date"] == 1


def test_a_bundle_of_years_ago_is_gone_on_from(echo: Settings) -> None:
    learned = Signalling(echo)
    learned.observe(Observations(calls=(call(0, NOON - 3 * 366 * 86_400),)))
    learned.advance(inf)
    one = Signalling(echo)
    one.relearn(learned.learned())
    one.observe(Observations(calls=tuple(call(number, NOON + number) for number in range(100))))
    assert len(one.advance(NOON + 2 * LONGEST_RUN_S)) == 100


def test_who_judges_sees_again_what_was_learned(echo: Settings) -> None:
    learned = Signalling(echo)
    learned.observe(Observations(calls=(call(1, NOON),)))
    learned.advance(inf)
    again = Signalling(echo)
    again.relearn(learned.learned())
    again.observe(Observations(calls=(call(1, NOON),)))
    assert names(again.advance(inf)) == ["e001"]


def test_minutes_of_no_region_are_of_the_function_that_was_learned(
    echo: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = FunctionKey("111122223333", "eu-west-1", "default", "pay")
    learned = Signalling(echo)
    learned.observe(
        Observations(metrics=(Metric(NOON, 60.0, "pay", account=key.account, region=key.region),))
    )
    learned.advance(inf)
    one = Signalling(echo)
    one.relearn(learned.learned())
    one.observe(Observations(metrics=(Metric(NOON + 600, 60.0, "pay", account=key.account),)))
    seen: list[Window] = []

    def see(_: Echo, batch: Sequence[Encounter], until: float) -> list[Signal]:
        seen.extend(told.what for told in batch if isinstance(told.what, Window))
        return []

    monkeypatch.setattr(Echo, "see", see)
    one.advance(inf)
    assert [window.key for window in seen] == [key]


def test_minutes_that_come_late_are_told_since_no_rate_counts_them(echo: Settings) -> None:
    tally = Tally()
    one = Signalling(echo, tally)
    for start in (NOON + 3_600, NOON, NOON):
        one.observe(Observations(metrics=(Metric(start, 60.0, "pay", invocations=3.0),)))
        one.advance(inf)
    assert tally.counts["encounters that came late"] == 1
    (told,) = tally.sentences()
    assert "no rate counts it" in told


def test_what_comes_late_is_seen_all_the_same_and_counted(echo: Settings) -> None:
    tally = Tally()
    one = Signalling(echo, tally)
    one.observe(Observations(calls=(call(2, NOON + 3_600),)))
    one.advance(inf)
    one.observe(Observations(calls=(call(1, NOON), call(3, NOON + 7_200))))
    assert names(one.advance(inf)) == ["e001", "e003"]
    assert tally.counts["encounters that came late"] == 1


def test_late_records_pile_up_no_more_than_so_far_where_the_clock_stands(
    monkeypatch: pytest.MonkeyPatch, echo: Settings
) -> None:
    monkeypatch.setattr("coldtrail.detectors.signalling.MOST_LATE", 4)
    tally = Tally()
    one, seen = Signalling(echo, tally), list[str]()
    one.observe(Observations(calls=(call(0, NOON + 3_600),)))
    seen += names(one.advance(NOON + 7_200))
    for number in range(1, 11):
        one.observe(Observations(calls=(call(number, NOON + number),)))
        seen += names(one.advance(NOON + 7_200))
        stopped, one = one, Signalling(echo, tally)
        one.restore(stopped.snapshot())
    assert sorted(seen) == [f"e{number:03d}" for number in range(9)]
    one.observe(Observations(calls=(call(11, NOON + 7_200),)))
    assert sorted(names(one.finish())) == ["e009", "e010", "e011"]
    assert tally.counts["encounters that came late"] == 10


def test_a_stray_date_makes_nothing_late_and_is_told(echo: Settings) -> None:
    tally = Tally()
    one = Signalling(echo, tally)
    one.observe(Observations(calls=(*[call(n, NOON + n) for n in range(3)], call(9, NOON + STRAY_S + 10))))
    assert names(one.advance(inf)) == ["e000", "e001", "e002"]
    assert tally.losses["stray date"] == 1


def test_flows_are_counted_and_runs_are_met(echo: Settings) -> None:
    one = Signalling(echo)
    flow = make_flow([], function="pay", start=NOON, account="111122223333", region="eu-west-1")
    one.count([flow])
    one.meet([Run(flow)])
    one.observe(Observations(metrics=(Metric(NOON - 600 - NOON % 60, 60.0, "other", invocations=3.0),)))
    assert sorted(names(one.advance(inf))) == ["Run", "Window", "Window"]


def test_cuts_and_stops_change_nothing(echo: Settings) -> None:
    calls = [call(n, NOON + 700.0 * n) for n in range(30)]
    whole = Signalling(echo)
    whole.observe(Observations(calls=tuple(calls)))
    at_once = whole.advance(inf)
    one, out = Signalling(echo), list[Signal]()
    for told in calls:
        one.observe(Observations(calls=(told,)))
        out += one.advance(told.time)
        again = Signalling(echo)
        again.restore(one.snapshot())
        one = again
    assert out + one.advance(inf) == at_once


def test_learning_goes_on_where_it_stopped(echo: Settings) -> None:
    one = Signalling(echo)
    one.observe(Observations(calls=(call(1, NOON),)))
    one.advance(inf)
    again = Signalling(echo)
    again.relearn(one.learned())
    again.observe(Observations(calls=(call(2, NOON + 60),)))
    (signal,) = again.advance(inf)
    assert isinstance(signal.finding.seen, Trait)
    assert signal.finding.seen.value == "2 e002"


def test_paths_that_were_asked_for_are_not_held(monkeypatch: pytest.MonkeyPatch, echo: Settings) -> None:
    monkeypatch.setattr(Echo, "sees", (Access,))
    one = Signalling(echo)
    one.observe(Observations(accesses=(Access(NOON, "g", route="/reset/a-secret"),)))
    assert b"a-secret" not in b"".join(array.tobytes() for array in one.snapshot().values())


def test_what_no_detector_sees_is_not_held() -> None:
    none = Signalling(Settings(baselines=BaselineSettings(detectors=())))
    none.observe(Observations(calls=(call(1, NOON),)))
    none.count([make_flow([])])
    assert none.advance(inf) == []
    assert not none.wants_flows


def test_it_says_what_functions_need(echo: Settings) -> None:
    assert Signalling(echo).not_ready() == {PAY: {"echo": "needs more"}}


def test_damage_is_told_as_such(echo: Settings) -> None:
    one = Signalling(echo)
    for name in one.snapshot():
        state = one.snapshot() | {name: np.array([193], np.uint8)}
        with pytest.raises(Exception, match="damaged"):
            Signalling(echo).restore(state)


def test_an_unknown_detector_is_an_error_that_names_the_known_ones(echo: Settings) -> None:
    assert [one.name for one in detectors_of(echo)] == ["echo"]
    with pytest.raises(ConfigError, match=r"no detector of signals called 'ekko'.*echo"):
        detectors_of(Settings(baselines=BaselineSettings(detectors=("ekko",))))


def test_by_default_all_that_are_registered_are_used() -> None:
    assert set(Settings().baselines.detectors) == SIGNAL_DETECTORS.keys() - {"echo"}


def test_at_the_end_detectors_tell_what_waited(monkeypatch: pytest.MonkeyPatch, echo: Settings) -> None:
    waiting = Encounter(NOON, call(9, NOON))
    monkeypatch.setattr(Echo, "finish", lambda self: [self._signal(waiting)])
    tally = Tally()
    line = Signalling(echo, tally)
    line.observe(Observations(calls=(call(1, NOON),)))
    assert names(line.finish()) == ["e001", "e009"]
    assert tally.counts["signals"] == 2
