"""A small file of countries in the MaxMind DB format (https://maxmind.github.io/MaxMind-DB/), version 2.0.

A binary tree over the bits of an address, in which a version 4 address stands behind 96 zero bits, then the
records of the countries, then what the file is. Enough for some dozens of networks.
"""

from collections.abc import Mapping
from ipaddress import ip_network

_MARK = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = bytes(16)
_BITS, _V4_BITS = 128, 96
_RECORD_BITS = 24
_BUILT = 1_767_225_600
_Node = list["int | str | None"]


def country_file(countries: Mapping[str, str]) -> bytes:
    """The bytes of a file that tells the country of each network, by `{"203.0.113.0/24": "DE"}`."""
    nodes: list[_Node] = [[None, None]]
    for cidr, country in countries.items():
        _add(nodes, cidr, country)
    records = {
        country: _map({"country": _map({"iso_code": _text(country)})}) for country in countries.values()
    }
    offsets, data = {}, b""
    for country, record in records.items():
        offsets[country] = len(nodes) + len(_SEPARATOR) + len(data)
        data += record
    tree = b"".join(_node(node, offsets, len(nodes)) for node in nodes)
    return tree + _SEPARATOR + data + _MARK + _about(len(nodes))


def _add(nodes: list[_Node], cidr: str, country: str) -> None:
    network = ip_network(cidr)
    length = network.prefixlen + (_V4_BITS if network.version == 4 else 0)
    bits = [int(network.network_address) >> (_BITS - 1 - depth) & 1 for depth in range(length)]
    at = 0
    for bit in bits[:-1]:
        below = nodes[at][bit]
        if not isinstance(below, int):
            below = nodes[at][bit] = len(nodes)
            nodes.append([None, None])
        at = below
    nodes[at][bits[-1]] = country


def _node(node: _Node, offsets: Mapping[str, int], count: int) -> bytes:
    """Both records of a node: the next node, a country's record, or the number of nodes for nothing."""
    numbers = [count if one is None else offsets[one] if isinstance(one, str) else one for one in node]
    return b"".join(number.to_bytes(_RECORD_BITS // 8, "big") for number in numbers)


def _about(count: int) -> bytes:
    """What the file is, as readers look for it behind the mark."""
    return _map(
        {
            "binary_format_major_version": _short(2),
            "binary_format_minor_version": _short(0),
            "build_epoch": bytes([8, 9 - 7]) + _BUILT.to_bytes(8, "big"),
            "database_type": _text("testbed-Country"),
            "description": _map({"en": _text("networks of the testbed")}),
            "ip_version": _short(6),
            "languages": bytes([1, 11 - 7]) + _text("en"),
            "node_count": bytes([6 << 5 | 4]) + count.to_bytes(4, "big"),
            "record_size": _short(_RECORD_BITS),
        }
    )


def _map(pairs: Mapping[str, bytes]) -> bytes:
    """A map of the data section, of fewer than 29 keys."""
    encoded = b"".join(_text(key) + value for key, value in pairs.items())
    return bytes([7 << 5 | len(pairs)]) + encoded


def _text(text: str) -> bytes:
    """A text of the data section, of fewer than 29 letters."""
    return bytes([2 << 5 | len(text)]) + text.encode()


def _short(number: int) -> bytes:
    """A number of the data section, of 16 bits."""
    return bytes([5 << 5 | 2]) + number.to_bytes(2, "big")
