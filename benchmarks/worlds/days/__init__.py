"""Worlds of function-days: how often functions run, what they use and who calls them, week after week."""
