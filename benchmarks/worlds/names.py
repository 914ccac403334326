"""Names of resources: constant ones, and ones with a part that differs from call to call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from msgspec import Struct

WORDS = (
    "orders",
    "carts",
    "users",
    "visits",
    "stock",
    "prices",
    "reports",
    "invoices",
    "mail",
    "ledger",
    "parcels",
    "tickets",
    "seats",
    "fares",
    "photos",
    "scans",
    "pages",
    "lanes",
    "claims",
    "drafts",
    "quotes",
    "meters",
    "alarms",
    "leases",
    "plots",
    "grants",
    "votes",
    "rooms",
    "shifts",
    "menus",
    "tips",
    "badges",
    "routes",
    "depots",
    "trucks",
    "crates",
    "labels",
    "audits",
    "refunds",
    "coupons",
    "reviews",
    "threads",
    "likes",
    "feeds",
    "clips",
    "songs",
    "albums",
    "teams",
    "scores",
    "bets",
    "odds",
    "goals",
    "loans",
    "rates",
    "funds",
    "trades",
    "assets",
    "titles",
    "deeds",
    "wills",
    "zones",
    "sensors",
)
"""Made-up resources of made-up applications."""
DAY_S = 86_400.0


class Name(Struct, frozen=True, tag=True):
    """A name that never changes."""

    text: str

    def draw(self, random: Random, at: float) -> str:
        """The name in a call at some time, in epoch seconds."""
        return self.text

    @property
    def container(self) -> str:
        """What does not change: the bucket, the first part of a path."""
        return self.text.partition("/")[0]


class Dated(Name, frozen=True, tag=True):
    """A name with the day in it."""

    form: str = "%Y-%m-%d"

    def draw(self, random: Random, at: float) -> str:
        """The name in a call at some time, in epoch seconds."""
        return f"{self.text}{datetime.fromtimestamp(at, UTC).strftime(self.form)}"


class Hashed(Name, frozen=True, tag=True):
    """A name with hexadecimal digits in it: now and then all of them are decimal ones."""

    digits: int = 12
    end: str = ""

    def draw(self, random: Random, at: float) -> str:
        """The name in a call at some time, in epoch seconds."""
        return f"{self.text}{random.getrandbits(4 * self.digits):0{self.digits}x}{self.end}"


class Numbered(Name, frozen=True, tag=True):
    """A name with a number in it."""

    most: int = 1_000_000
    end: str = ""

    def draw(self, random: Random, at: float) -> str:
        """The name in a call at some time, in epoch seconds."""
        return f"{self.text}{random.randrange(self.most)}{self.end}"


class OfTenant(Name, frozen=True, tag=True):
    """A name that holds a tenant's, of whom few are busy and new ones come."""

    tenants: tuple[str, ...] = ()
    """In the order in which they came."""
    since: float = 0.0
    """Epoch seconds by which `early` of them were there."""
    early: int = 1
    days_between: float = 5.0
    """Until the next tenant comes."""

    def draw(self, random: Random, at: float) -> str:
        """The name in a call at some time, in epoch seconds."""
        here = self.early + max(int((at - self.since) / DAY_S / self.days_between), 0)
        known = min(here, len(self.tenants))
        return f"{self.text}{self.tenants[min(int(known * random.random() ** 2), known - 1)]}"


def word(random: Random) -> str:
    """A word, or two."""
    first = random.choice(WORDS)
    return first if random.random() < 0.5 else f"{first}-{random.choice(WORDS)}"


def of_bucket(random: Random, start: float) -> Name:
    """The name of objects in a bucket."""
    bucket = f"{word(random)}-{random.choice(('main', 'live', 'prod', 'store', 'data'))}"
    if random.random() < 0.35:
        return Name(bucket)
    folder = f"{bucket}/{random.choice(WORDS)}/"
    end = random.choice((".csv", ".json", ".pdf", ".jpg", ""))
    forms: tuple[Callable[[], Name], ...] = (
        lambda: Hashed(folder, random.choice((8, 12, 16, 32)), end),
        lambda: Numbered(folder, random.choice((1_000, 100_000, 10_000_000)), end),
        lambda: Dated(folder, random.choice(("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"))),
        lambda: tenant(random, folder, start),
    )
    return random.choice(forms)()


def of_table(random: Random, start: float) -> Name:
    """The name of a table, queue, topic, parameter or stream."""
    text = word(random)
    kind = random.random()
    if kind < 0.9:
        return Name(text)
    if kind < 0.94:
        return Dated(f"{text}-", random.choice(("%Y-%m", "%Y%m%d")))
    return tenant(random, f"{text}-", start)


def of_host(random: Random) -> Name:
    """The name of a host."""
    return Name(f"{random.choice(('api', 'pay', 'www', 'hooks', 'v2'))}.{word(random)}.example")


def of_database(random: Random) -> Name:
    """The name of a database on its server."""
    return Name(f"{random.choice(WORDS)}@db.{random.choice(WORDS)}.example")


def tenant(random: Random, before: str, start: float) -> Name:
    """A name with a tenant's in it."""
    number = random.randint(3, 40)
    tenants = tuple(dict.fromkeys(f"{random.choice(WORDS)}{random.randint(1, 99)}" for _ in range(number)))
    return OfTenant(before, tenants, start, max(len(tenants) // 2, 1), random.uniform(3.0, 30.0))


def one_character_off(name: str, random: Random) -> str:
    """The name with one letter of its container changed to another."""
    container, slash, rest = name.partition("/")
    places = [at for at, letter in enumerate(container) if letter.isalpha()]
    at = random.choice(places)
    other = random.choice([letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter != container[at]])
    return f"{container[:at]}{other}{container[at + 1 :]}{slash}{rest}"
