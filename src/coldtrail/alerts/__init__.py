"""Verdicts and drift findings become alerts: identity, grouping, correlation, severity, and wording."""
