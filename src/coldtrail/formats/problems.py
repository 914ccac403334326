"""The problems inside one document, a sentence each, within a bound."""

from __future__ import annotations

MAX_NAMED = 200


class Problems(list[str]):
    """A list of sentences that takes no more than `MAX_NAMED`, and counts the others."""

    left_out = 0

    def append(self, sentence: str) -> None:
        """Adds a sentence, or counts it where there are too many already."""
        if len(self) < MAX_NAMED:
            super().append(sentence)
        else:
            self.left_out += 1
