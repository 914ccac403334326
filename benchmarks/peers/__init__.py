"""Other ways to find strange flows, on the same recorded runs and the same splits.

`python -m benchmarks.peers` prints the tables of docs/results.md. To add a peer: write its file, and add its
line to `registry`; the laws in tests/benchmarks run on it.
"""
