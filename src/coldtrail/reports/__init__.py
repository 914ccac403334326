"""What was found, for people and for other tools: terminal, HTML, OCSF."""
