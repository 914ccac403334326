import pytest

from coldtrail.config import FormatSettings, Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.vpc_flow import VpcFlowParser
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Network
from tests.fixtures.witnesses import FLOW, FLOW_HEADER

KEY = Pseudonyms(b"k" * 32)
PLAIN = b"2 123456789012 eni-0a1b 10.0.1.5 52.218.0.9 44321 443 6 12 4096 1796040000 1796040060 ACCEPT OK"


def parse(payload: bytes, fields: tuple[str, ...] = ()) -> Observations:
    settings = Settings(formats=FormatSettings(vpc_flow=fields))
    parser = VpcFlowParser(settings, Pseudonyms(b"k" * 32))
    return parser(Document(payload, "test"))


def network_of(payload: bytes, fields: tuple[str, ...] = ()) -> Network:
    (network,) = parse(payload, fields).networks
    return network


def test_the_header_says_what_a_line_holds() -> None:
    network = network_of(FLOW)
    assert (network.start_time, network.end_time) == (1_796_040_000.0, 1_796_040_060.0)
    assert (network.account, network.region, network.vpc) == ("123456789012", "eu-west-1", "vpc-1")
    assert (network.interface, network.outgoing) == ("eni-0a1b", True)
    assert (network.remote, network.remote_place) == (KEY["52.218.0.9"], "S3")
    assert (network.port, network.own_port, network.protocol) == (443, 44_321, 6)
    assert (network.packets, network.bytes, network.accepted) == (12, 4_096, True)
    assert network.function == "arn:aws:lambda:eu-west-1:123456789012:function:pay"


def test_a_line_without_a_header_is_of_version_2_or_as_the_settings_say() -> None:
    assert network_of(PLAIN).remote_place == "public"
    fields = ("interface-id", "srcaddr", "dstaddr", "start", "end", "bytes")
    network = network_of(b"eni-1 10.0.1.5 52.218.0.9 1796040000 1796040060 7", fields)
    assert (network.interface, network.bytes, network.outgoing) == ("eni-1", 7, True)


def test_fields_may_be_parted_by_commas() -> None:
    assert network_of(FLOW.replace(b" ", b",")) == network_of(FLOW)


@pytest.mark.parametrize(
    ("source", "target", "ports", "outgoing", "remote"),
    [
        (b"10.0.1.5", b"52.218.0.9", b"44321 443", True, "52.218.0.9"),
        (b"52.218.0.9", b"10.0.1.5", b"443 44321", False, "52.218.0.9"),
        (b"10.0.1.5", b"10.0.2.6", b"44321 5432", True, "10.0.2.6"),
        (b"10.0.2.6", b"10.0.1.5", b"5432 44321", False, "10.0.2.6"),
        (b"10.0.2.6", b"10.0.1.5", b"0 0", None, "10.0.1.5"),
        (b"2001:db8::1", b"2600:1f18::1", b"50000 443", True, "2600:1f18::1"),
    ],
)
def test_which_end_is_the_other_one(
    source: bytes, target: bytes, ports: bytes, outgoing: bool | None, remote: str
) -> None:
    ends = b" ".join((source, target, ports))
    network = network_of(b"2 123456789012 eni-0a1b " + ends + b" 6 12 4096 1796040000 1796040060 REJECT OK")
    assert (network.outgoing, network.remote, network.accepted) == (outgoing, KEY[remote], False)


def test_records_that_were_skipped_are_a_loss_and_silence_is_none() -> None:
    line = b"2 123456789012 eni-0a1b - - - - - - - 1796040000 1796040060 - "
    assert parse(line + b"NODATA") == Observations(origin="test")
    skipped = parse(line + b"SKIPDATA")
    assert (skipped.networks, len(skipped.problems)) == ((), 1)


@pytest.mark.parametrize(
    "payload",
    [
        FLOW_HEADER + b"\n2 123456789012 eni-0a1b",
        PLAIN.replace(b"1796040000 1796040060", b"x y"),
        b"hello",
        b"",
        FLOW_HEADER,
    ],
)
def test_what_cannot_be_read_is_refused(payload: bytes) -> None:
    with pytest.raises(DocumentError):
        parse(payload)


@pytest.mark.parametrize("field", ["vpc-id", "action", "srcport", "pkt-dst-aws-service", "region"])
def test_a_header_may_lack_fields(field: str) -> None:
    head, line = FLOW.decode().split("\n")
    place = head.split().index(field)
    kept = [" ".join(part for at, part in enumerate(one.split()) if at != place) for one in (head, line)]
    blanked = " ".join("-" if at == place else part for at, part in enumerate(line.split()))
    assert parse("\n".join(kept).encode()) == parse(f"{head}\n{blanked}".encode())


def test_headers_and_addresses_are_held_within_bounds() -> None:
    parser = VpcFlowParser(Settings(), KEY)
    for number in range(80):
        header = FLOW_HEADER.replace(b"vpc-id", b"vpc-id%d" % number)
        parser(Document(FLOW.replace(FLOW_HEADER, header), "test"))
