"""The records that all stages share: frozen, plain, and with their units stated.

Times are UTC epoch seconds, durations are seconds.
"""
