"""Attacks of others on functions, as CloudTrail recorded them, laid over a benign week of the testbed."""
