"""The names by which people come, and the tokens that links and cookies carry."""

from __future__ import annotations

import hashlib
import secrets

from pydantic import TypeAdapter, ValidationError

from activities.identity import Identity
from workflows.rules.people import normal_name
from workflows.rules.text import Line

_LINE: TypeAdapter[str] = TypeAdapter(Line)
LOGIN_USE = "account.login"
OWN = ""
"""The issuer of our own login names."""


def identity_hash(identity: Identity, subject: str, issuer: str = OWN) -> bytes:
    """The keyed hash of a name by which somebody comes; our own however it was typed or copied."""
    named = normal_name(_seen(subject)) if issuer == OWN else subject
    return identity.content_hash(f"login\n{issuer}\n{named}")


def _seen(typed: str) -> str:
    """Without what nobody sees and a copy brings along; what can be no name stays, and is nobody's."""
    try:
        return _LINE.validate_python(typed)
    except ValidationError:
        return typed.encode(errors="replace").decode()


def new_token() -> str:
    """What a link or a cookie carries, and nobody keeps."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
