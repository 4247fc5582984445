"""Rules and calendars as they were published: a version is never changed, so each is read once.

Which version is meant may be another one tomorrow and is asked each time; what it says is kept by its
key. A page, a preview and a step of a case otherwise spend most of their time on reading the same few
notices again.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from asyncpg import Record

from activities.database import EVERYWHERE, LIVE, Pool, scope
from activities.statements import statements
from workflows.rules.calendar import Calendar
from workflows.rules.policy import Policy

SQL = statements("directory")
T = TypeVar("T")
POLICIES, CALENDARS, CONTENTS = 64, 16, 16
"""How many are kept, the last used ones: a season has a few notices, and a process stays small."""


class _Kept(Generic[T]):
    """The last used values by key, no more than so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Hashable, value: T) -> T:
        self._values[key] = value
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return value


class PublishedVersions:
    """Reads versions; one for each process and record, so that all that read there share it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._policies: _Kept[Policy] = _Kept(POLICIES)
        self._calendars: _Kept[Calendar] = _Kept(CALENDARS)
        self._contents: _Kept[dict[str, Any]] = _Kept(CONTENTS)

    async def policy(self, campaign: str, version: int | None, realm: str) -> Policy | None:
        """A campaign's rules: the version asked for, else the latest a realm sees."""
        key = (campaign, EVERYWHERE, version)
        if version is None or realm != LIVE:
            meant = await self._pool.fetchrow(SQL["which_policy"], campaign, scope(realm), version)
            if meant is None:
                return None
            key = (campaign, meant["realm"], meant["version"])
        return await self._read(self._policies, "policy", key, _policy)

    async def content(
        self, campaign: str, version: int | None, realm: str
    ) -> dict[str, Any] | None:
        """What was published with a version beside its rules: to be looked at, not to be changed."""
        key = (campaign, version)
        keeps = version is not None and realm == LIVE
        known = self._contents.get(key) if keeps else None
        if known is not None:
            return known
        stored = await self._pool.fetchval(SQL["campaign_content"], campaign, scope(realm), version)
        found = json.loads(stored) if stored else None
        return self._contents.put(key, found) if found is not None and keeps else found

    async def calendar(self, version: str | None, realm: str) -> Calendar | None:
        """The calendar: the version asked for, else the latest a realm sees."""
        key = (EVERYWHERE, version)
        if version is None or realm != LIVE:
            meant = await self._pool.fetchrow(SQL["which_calendar"], scope(realm), version)
            if meant is None:
                return None
            key = (meant["realm"], meant["version"])
        return await self._read(self._calendars, "calendar", key, _calendar)

    async def _read(
        self,
        kept: _Kept[T],
        statement: str,
        key: tuple[object, ...],
        made_of: Callable[[Record], T],
    ) -> T | None:
        known = kept.get(key)
        if known is not None:
            return known
        row = await self._pool.fetchrow(SQL[statement], *key)
        return kept.put(key, made_of(row)) if row else None


def _policy(row: Record) -> Policy:
    published = Policy.model_validate_json(row["policy"])
    return published.model_copy(update={"digest": row["content_hash"]})


def _calendar(row: Record) -> Calendar:
    return Calendar.model_validate(
        {
            "version": row["version"],
            "digest": row["content_hash"],
            "years": json.loads(row["years"]),
        }
    )
