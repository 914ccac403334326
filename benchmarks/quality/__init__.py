"""Detection quality on recorded runs of the testbed: `python -m benchmarks.quality` prints the tables.

Learning sees benign runs; what is judged comes from other days and other seeds. Each part of the command
measures one question for each application and seed, and pools the seeds in a table.
"""
