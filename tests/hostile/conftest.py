"""The processes and rooms of the integration and workflow tests, at the hand of whoever attacks them."""

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
from tests.workflow.conftest import engine, fleet, house

__all__ = [
    "database_url",
    "engine",
    "fleet",
    "house",
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
