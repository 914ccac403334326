"""Real serverless applications, their users and their attackers, on one machine."""
