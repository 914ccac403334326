"""The `xray-udp` source as X-Ray's SDK and ADOT's exporters see it."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_xray_sdk.core import AWSXRayRecorder

from coldtrail.errors import ConfigError, SpoolFullError
from coldtrail.sources.listening import Address
from coldtrail.sources.xray_udp import source as source_module
from coldtrail.sources.xray_udp.source import XRayUdpSettings, XRayUdpSource
from tests.sources.otlp.sending import WIRE, flows_of
from tests.sources.serving import Kept, Serving, context, served, until
from tests.sources.xray_udp.test_datagrams import HEADER, SEGMENT


def source(tmp_path: Path, **settings: object) -> XRayUdpSource:
    own = XRayUdpSettings(**{"listen": "127.0.0.1:0", **settings})  # type: ignore[arg-type]
    return XRayUdpSource(own, context(tmp_path))


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with served(source(tmp_path)) as serving:
        yield serving


def send(address: Address, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, address)


def test_what_the_xray_sdk_emits_becomes_flows(serving: Serving) -> None:
    recorder = AWSXRayRecorder()
    recorder.configure(service="Orders", sampling=False, daemon_address=str(serving.addresses[0]))
    with recorder.in_segment("Orders") as segment:
        segment.origin = "AWS::Lambda::Function"
        with recorder.in_subsegment("DynamoDB", namespace="aws") as call:
            call.set_aws({"operation": "GetItem", "table_name": "Stock"})
    recorder.emitter._socket.close()
    until(lambda: serving.kept.records)
    (flow,) = flows_of(serving.kept.payloads)
    assert flow.function_name == "Orders"
    assert ("GetItem", "Stock") in [(one.event_name, one.event_target_resource) for one in flow.events]
    assert serving.kept.records[0][0] == "push"


def test_what_adot_sends_from_lambda_becomes_flows(serving: Serving) -> None:
    send(serving.addresses[0], HEADER + b"T1S" + b64encode(WIRE))
    until(lambda: serving.kept.records)
    assert serving.kept.payloads == [WIRE]
    assert len(flows_of(serving.kept.payloads)) == 1
    assert serving.tally.counts == {"datagrams accepted": 1, "bytes accepted": len(WIRE)}


def test_every_loss_is_counted_by_its_reason(serving: Serving) -> None:
    send(serving.addresses[0], b"rubbish", HEADER + b"T1S!", HEADER + b"M1AAAA", b"", HEADER + SEGMENT)
    until(lambda: serving.kept.records)
    assert serving.tally.losses == {
        "datagram lost: no header line of the daemon's protocol": 2,
        "datagram lost: damaged base64": 1,
        "datagram lost: metrics, which tell of no invocations": 1,
    }


def test_what_does_not_fit_the_spool_is_counted(tmp_path: Path) -> None:
    with served(source(tmp_path), Kept(SpoolFullError("Full."))) as serving:
        send(serving.addresses[0], HEADER + SEGMENT)
        until(lambda: serving.tally.lost)
    assert serving.tally.losses == {"datagram lost: the spool is full or too slow": 1}


def test_only_named_senders_may_send(tmp_path: Path) -> None:
    with served(source(tmp_path, senders=("10.0.0.0/8",))) as serving:
        send(serving.addresses[0], HEADER + SEGMENT)
        until(lambda: serving.tally.lost)
        assert serving.kept.records == []
    with served(source(tmp_path, senders=("10.0.0.0/8", "127.0.0.0/8"))) as serving:
        send(serving.addresses[0], HEADER + SEGMENT)
        until(lambda: serving.kept.records)


def test_what_the_system_drops_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([0, None, 3, 3, 5])
    monkeypatch.setattr(source_module, "_LOOK_S", 0.001)
    monkeypatch.setattr(source_module, "dropped_by", lambda _: next(seen, 5))
    with served(source(tmp_path)) as serving:
        until(lambda: serving.tally.lost == 5)
    assert len(serving.tally.losses) == 1


def test_what_has_come_is_kept_when_it_stops(tmp_path: Path) -> None:
    with served(source(tmp_path)) as serving:
        address = serving.addresses[0]

        def send_and_stop() -> None:
            send(address, *[HEADER + SEGMENT] * 10)
            serving.task.cancel()

        serving.call(send_and_stop)
        until(serving.task.done)
    assert serving.kept.payloads == [SEGMENT] * 10


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"listen": "0.0.0.0:2000"}, r"from anyone who can reach 0\.0\.0\.0:2000; name the networks"),
        ({"senders": ("10.0.0.1/8",)}, "senders names '10.0.0.1/8'; give networks"),
        ({"buffer_bytes": 0}, "buffer_bytes must be at least 1"),
    ],
)
def test_wrong_settings_are_refused_in_one_sentence(
    tmp_path: Path, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=f"^source 'push'.*{sentence}"):
        source(tmp_path, **settings)
