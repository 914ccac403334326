"""Where a caller is, without saying its address: pseudonyms of address and network, and the country."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from coldtrail.config import Settings
from coldtrail.formats.callers import service_of
from coldtrail.formats.countries import countries_in
from coldtrail.formats.pseudonyms import Pseudonyms

_NETWORK_BITS = {4: 24, 6: 48}
"""By the version of an address: the least that is routed by itself (/24), and what a site gets (RFC 6177)."""
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 64


class Place(NamedTuple):
    """What may be said of the place of an address."""

    address: str | None = None
    """A pseudonym; None where a service of the cloud stands in the place of an address."""
    service: str | None = None
    network: str | None = None
    """A pseudonym of the /24 or /48 that the address is of."""
    country: str | None = None
    """Two letters (ISO 3166-1), where a file of countries says."""


NOWHERE = Place()


class Addresses(dict[str, Place]):
    """The place of each address: `addresses["203.0.113.7"]`; each is worked out once."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        """Raises `ConfigError` where the settings' file of countries is missing or damaged."""
        super().__init__()
        self._countries = countries_in(settings.baselines.country_file)
        self._pseudonyms = pseudonyms

    def __missing__(self, text: str) -> Place:
        place = self._place(text) if text else NOWHERE
        if len(text) <= _MAX_CACHED_CHARS:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[text] = place
        return place

    def _place(self, text: str) -> Place:
        service = service_of(text)
        if service is not None:
            return Place(service=service)
        pseudonym, address = self._pseudonyms[text], _address_of(text)
        if address is None:
            return Place(pseudonym)
        country = None if self._countries is None else self._countries.of(address)
        return Place(pseudonym, None, self._pseudonyms[_network_of(address)], country)


def _address_of(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    within = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if within is None else within


def _network_of(address: IPv4Address | IPv6Address) -> str:
    """The network that an address is of, as `203.0.113.0/24`."""
    bits = _NETWORK_BITS[address.version]
    rest = address.max_prefixlen - bits
    return f"{type(address)(int(address) >> rest << rest)}/{bits}"
