"""Flows become arrays: words are numbered, names with random parts are folded, steps are counted."""
