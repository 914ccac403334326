"""What an attacker who reads the code would do, as kinds: see docs/security.md."""
