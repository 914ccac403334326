"""The local cloud: moto for the services, and what moto lacks."""
