"""The names by which people come, and the tokens that links and cookies carry."""

from __future__ import annotations

import hashlib
import secrets

from activities.identity import Identity
from workflows.rules.people import normal_name

LOGIN_USE = "account.login"
OWN = ""
"""The issuer of our own login names."""


def identity_hash(identity: Identity, subject: str, issuer: str = OWN) -> bytes:
    """The keyed hash of a name by which somebody comes; our own however it was typed."""
    named = normal_name(subject) if issuer == OWN else subject
    return identity.content_hash(f"login\n{issuer}\n{named}")


def new_token() -> str:
    """What a link or a cookie carries, and nobody keeps."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
