"""Tell people and other systems: one file for each kind of channel."""
