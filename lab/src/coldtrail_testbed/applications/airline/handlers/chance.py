"""Chance: what happens in a share of the cases."""

import random


def happens(share: float) -> bool:
    """Whether something that happens in `share` of the cases happens now."""
    return random.random() < share  # noqa: S311 - not for secrets
