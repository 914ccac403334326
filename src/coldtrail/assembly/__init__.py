"""Observations become flows: gathered by trace, merged by rules that know no order, and closed."""
