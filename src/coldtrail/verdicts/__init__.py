"""Scores become verdicts: calibration to a budget of false alarms, reasons, and exceptions by feedback."""
