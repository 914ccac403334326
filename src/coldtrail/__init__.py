"""Coldtrail: behavioural intrusion detection for serverless functions."""
