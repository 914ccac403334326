"""Flows become a model: training, updates, releases, review of rarities, feedback, and evaluation."""
