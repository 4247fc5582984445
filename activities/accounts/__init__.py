"""Who signs in to the console: accounts and what proves them, sessions, and what was looked at.

An account belongs to one person of the record and gives no right: rights are the directory's, read at
the realm's time on every request (`sessions.hats`).
"""

from __future__ import annotations

from activities.statements import statements

SQL = statements("accounts")
SESSIONS = statements("sessions")
