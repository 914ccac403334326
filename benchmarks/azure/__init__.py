"""Rates of real Azure functions: how often the detector alarms by mistake, and what it finds."""
