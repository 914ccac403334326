"""The ways out for what telemetry says: one function for each place where it is shown.

Telemetry may come from an attacker. Whatever shows it (a page, a terminal, a command to paste, a file that
other programs open) passes it through the function of that place, and through nothing else.
"""
