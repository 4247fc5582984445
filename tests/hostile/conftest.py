"""The processes and rooms of the integration tests, at the hand of whoever attacks them."""

from __future__ import annotations

from tests.integration.conftest import (
    database_url,
    identity,
    intake,
    material,
    meetings,
    office,
    owner,
    owner_url,
    pool,
    postgres,
    published,
    published_template,
    reading,
    records,
    started,
    submissions,
    template,
    zhiping,
)

__all__ = [
    "database_url",
    "identity",
    "intake",
    "material",
    "meetings",
    "office",
    "owner",
    "owner_url",
    "pool",
    "postgres",
    "published",
    "published_template",
    "reading",
    "records",
    "started",
    "submissions",
    "template",
    "zhiping",
]
