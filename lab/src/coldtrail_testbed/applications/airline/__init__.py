"""Airline booking: a REST API, a state machine of seven steps, a payment provider and a loyalty programme.

After the paper's first testbed application (section 6.1.1), itself a fork of aws-serverless-airline-booking.
"""

from coldtrail_testbed.applications.airline.template import APPLICATION

__all__ = ["APPLICATION"]
