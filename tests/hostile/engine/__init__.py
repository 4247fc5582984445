"""Attacks on a case that lives on the real engine, with its record kept in memory."""
