"""Emberlake."""
