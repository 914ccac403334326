"""People on the internet, and how their requests reach the REST front."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from random import Random
from typing import Any

from coldtrail_testbed.cloud.identifiers import api_host

# The addresses are those that RFC 5737 keeps for documentation.
_VISITORS_NET = "203.0.113"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
_BROWSERS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Safari/605.1.15",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {_WEBKIT} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 10; K) {_BLINK} Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
)


@dataclass(frozen=True)
class Sender:
    """Where a request comes from."""

    address: str
    user_agent: str


def draw_visitor(generator: Random) -> Sender:
    """An ordinary visitor, at home somewhere, with one of the common browsers."""
    return Sender(f"{_VISITORS_NET}.{generator.randrange(1, 255)}", generator.choice(_BROWSERS))


class RestClient:
    """Sends requests to the REST front at `address`, over one connection that stays open."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(address)

    def request(
        self, sender: Sender, api: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        """The decoded JSON body of the answer."""
        payload = json.dumps(body).encode() if body is not None else None
        headers = {
            "Host": api_host(api),
            "User-Agent": sender.user_agent,
            "X-Forwarded-For": sender.address,
            "Content-Type": "application/json",
        }
        self._connection.request(method, f"/Prod{path}", payload, headers)
        with self._connection.getresponse() as response:
            return json.loads(response.read() or b"null")

    def close(self) -> None:
        """None; the connection is closed."""
        self._connection.close()
