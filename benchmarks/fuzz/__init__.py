"""Hostile input, made at random: whatever is handed over, Coldtrail refuses it in a sentence or judges on.

`python -m benchmarks.fuzz` prints what it did; a case that went wrong is named by its family and seed, and
`python -m benchmarks.fuzz --family documents --case 4711` makes that one again.
"""
