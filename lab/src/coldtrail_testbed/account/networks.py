"""Fixed networks on the internet, and which of them stands for which country.

The addresses look public, because those that are kept for documentation belong to no country; they stand for
nobody, and nothing is sent to them. `write_networks` tells a reader what stands for what: as JSON, and as a
file of countries in the MaxMind DB format (https://maxmind.github.io/MaxMind-DB/).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_network
from pathlib import Path
from random import Random

from coldtrail_testbed.account.country_file import country_file

NETWORKS_FILE, COUNTRIES_FILE = "networks.json", "countries.mmdb"


@dataclass(frozen=True)
class Network:
    """A network of addresses, the country it is in (ISO 3166-1), and who is there."""

    cidr: str
    country: str
    who: str


HEAD_OFFICE = Network("81.95.112.0/24", "DE", "the head office")
NEW_OFFICE = Network("89.187.140.0/24", "PT", "the new office")
HOMES = (
    Network("84.157.20.0/24", "DE", "homes"),
    Network("91.64.88.0/24", "DE", "homes"),
    Network("93.208.44.0/24", "DE", "homes"),
    Network("80.108.12.0/24", "AT", "homes"),
)
RUNNERS = Network("20.161.44.0/24", "US", "build runners")
FUNCTIONS = (
    Network("3.93.20.0/24", "US", "functions"),
    Network("44.203.84.0/24", "US", "functions"),
    Network("54.167.12.0/24", "US", "functions"),
)
FAR = (
    Network("41.79.8.0/24", "ZA", "attackers"),
    Network("103.21.148.0/24", "VN", "attackers"),
    Network("179.60.150.0/24", "BR", "attackers"),
    Network("186.19.64.0/24", "AR", "attackers"),
    Network("102.89.32.0/24", "NG", "attackers"),
    Network("110.136.72.0/24", "ID", "attackers"),
    Network("122.54.100.0/24", "PH", "attackers"),
    Network("190.237.16.0/24", "PE", "attackers"),
)
VISITORS = Network("203.0.113.0/24", "DE", "visitors")
NETWORKS = (HEAD_OFFICE, NEW_OFFICE, *HOMES, RUNNERS, *FUNCTIONS, *FAR, VISITORS)


def address_in(network: Network, number: int) -> str:
    """An address of `network`; the same one for the same number."""
    return str(ip_network(network.cidr)[1 + number % 254])


def far_away(generator: Random) -> str:
    """An address in a country that nobody of the account has been in."""
    return address_in(generator.choice(FAR), generator.randrange(254))


def write_networks(folder: Path, networks: Sequence[Network] = NETWORKS) -> None:
    """None; `folder` holds the networks as JSON and as a file of countries."""
    told = [asdict(network) for network in networks]
    (folder / NETWORKS_FILE).write_text(json.dumps({"networks": told}, indent=1) + "\n", encoding="utf-8")
    countries = {network.cidr: network.country for network in networks}
    (folder / COUNTRIES_FILE).write_bytes(country_file(countries))
