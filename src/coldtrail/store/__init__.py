"""What is written to disk appears whole or not at all."""
