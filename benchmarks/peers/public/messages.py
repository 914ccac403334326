"""The messages of HDFS that loghub's HDFS_1 holds, by the numbers they have there and in DeepLog's files.

Zhu et al. 2023 list them as E1 to E30 (HDFS_templates.csv); DeepLog's files (Du et al. 2017) use the same
numbers. Each is known by words that stand in it in this order.
"""

from __future__ import annotations

import re

MESSAGES: dict[int, tuple[str, ...]] = {
    1: ("Adding an already existing block",),
    2: ("Verification succeeded for",),
    3: ("Served block", "to"),
    4: ("Got exception while serving", "to"),
    5: ("Receiving block", "src:", "dest:"),
    6: ("Received block", "src:", "dest:", "of size"),
    7: ("writeBlock", "received exception"),
    8: ("PacketResponder", "for block", "Interrupted"),
    9: ("Received block", "of size", "from"),
    10: ("PacketResponder", "Exception"),
    11: ("PacketResponder", "for block", "terminating"),
    12: ("Exception writing block", "to mirror"),
    13: ("Receiving empty packet for block",),
    14: ("Exception in receiveBlock for block",),
    15: ("Changing block file offset of block", "from", "to", "meta file offset to"),
    16: ("Transmitted block", "to"),
    17: ("Failed to transfer", "to", "got"),
    18: ("Starting thread to transfer block", "to"),
    19: ("Reopen Block",),
    20: ("Unexpected error trying to delete block", "BlockInfo not found in volumeMap"),
    21: ("Deleting block", "file"),
    22: ("BLOCK* NameSystem", "allocateBlock:"),
    23: ("BLOCK* NameSystem", "delete:", "is added to invalidSet of"),
    24: ("BLOCK* Removing block", "from neededReplications as it does not belong to any file"),
    25: ("BLOCK* ask", "to replicate", "to"),
    26: ("BLOCK* NameSystem", "addStoredBlock: blockMap updated:", "is added to", "size"),
    27: ("BLOCK* NameSystem", "addStoredBlock: Redundant addStoredBlock request received for", "on", "size"),
    28: ("BLOCK* NameSystem", "addStoredBlock: addStoredBlock request received for", "on", "size"),
    29: ("PendingReplicationMonitor timed out block",),
    30: ("BLOCK* ask", "to delete"),
}
BATCHED = 30
"""Of many blocks in one line; the published sessions do not hold it."""

_MASKED = re.compile(r"\S*\d\S*(?:\s+\S*\d\S*)*")
"""Words with a digit: addresses, blocks, sizes, paths."""


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r".*?\b" + ".*?".join(map(re.escape, words)))


_PATTERNS = {number: _pattern(words) for number, words in MESSAGES.items()}


def number_of(message: str) -> int | None:
    """The number of a message; None where no pattern fits."""
    return next((number for number, pattern in _PATTERNS.items() if pattern.match(message)), None)


def name_of(number: int) -> str:
    """What a message says, in a few words without digits; unknown numbers are spelled in letters."""
    words = MESSAGES.get(number)
    return " ".join(words) if words else f"message {letters(number)}"


def shape_of(message: str) -> str:
    """A message of no known pattern without what varies: its words with a digit are masked."""
    return _MASKED.sub("*", message)


def letters(number: int) -> str:
    """A number from 0 in letters, so that it is not taken for what is random in a name: 0 is a, 26 is ba."""
    out = ""
    while True:
        number, rest = divmod(number, 26)
        out = chr(ord("a") + rest) + out
        if not number:
            return out
