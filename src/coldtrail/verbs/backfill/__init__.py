"""The verb `backfill`, part by part: what sources still hold is gathered, and learned."""
