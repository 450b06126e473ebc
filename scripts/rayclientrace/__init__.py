"""Measures the start-up race of Ray Client: scripts/ray-client-race."""
