"""Alerts and weak signals to cases: what belongs together, as one story."""
