"""Names that stand for who called and from where: the same for the same, and only for who has the key.

Addresses, principals and access keys join what several witnesses tell, but nothing that is kept may show
them: they are replaced at the door by keyed hashes (HMAC-SHA-256, RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

KEY_BYTES = 32
_SHOWN = 16
"""Hexadecimal digits: by chance two of a million values share a pseudonym once in 37 million such sets."""
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 512


class Pseudonyms(dict[str, str]):
    """The pseudonym of each value: `pseudonyms["203.0.113.7"]` is `p-` and 16 hexadecimal digits."""

    def __init__(self, key: bytes | None = None) -> None:
        """Without a key, one is drawn: the pseudonyms then mean nothing to any other process."""
        super().__init__()
        self.key = secrets.token_bytes(KEY_BYTES) if key is None else key
        self.used = False
        """Whether any was asked for."""

    def __missing__(self, value: str) -> str:
        self.used = True
        digest = hmac.new(self.key, value.encode("utf-8", "surrogatepass"), hashlib.sha256)
        made = f"p-{digest.hexdigest()[:_SHOWN]}"
        if len(value) <= _MAX_CACHED_CHARS:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[value] = made
        return made

    @property
    def fingerprint(self) -> str:
        """Tells keys apart, and says nothing of the key."""
        return hmac.new(self.key, b"coldtrail pseudonym key", hashlib.sha256).hexdigest()[:_SHOWN]
