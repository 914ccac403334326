"""Names as machines make them up, for the tests of naming."""

from __future__ import annotations

from random import Random

HEX = "0123456789abcdef"
LOWER = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
BASE36 = DIGITS + LOWER
URL_SAFE = BASE36 + LOWER.upper() + "_-"


class Maker:
    """Random parts, repeatable."""

    def __init__(self, seed: int = 1) -> None:
        self.random = Random(seed)

    def of(self, characters: str, length: int) -> str:
        """That many characters."""
        return "".join(self.random.choices(characters, k=length))

    def word(self) -> str:
        """Four to ten letters."""
        return self.of(LOWER, self.random.randint(4, 10))
