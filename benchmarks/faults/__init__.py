"""What the live service comes through: killed, without room, cut off, flooded, lied to."""
