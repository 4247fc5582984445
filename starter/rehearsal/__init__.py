"""Rehearsals: scenario files played through the real engine on a clock of their own."""
