"""Seeded faults of the core, each of which the random lives must find."""
