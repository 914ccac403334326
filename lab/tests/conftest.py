"""How Hypothesis looks for examples: as in the product's tests."""

from hypothesis import settings

settings.register_profile("coldtrail", deadline=None, max_examples=60)
settings.load_profile("coldtrail")
