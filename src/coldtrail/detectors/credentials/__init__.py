"""Credentials of functions that are used by somebody else: the detector of signals `credentials`."""
