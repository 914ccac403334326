"""The command line: each verb parses, calls one function, and prints."""

from coldtrail.cli.main import main

__all__ = ["main"]
