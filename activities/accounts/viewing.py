"""Every look at a case is written down: who, for whom, at which part, when."""

from __future__ import annotations

from datetime import datetime, timedelta

from activities.accounts import SESSIONS as SQL
from activities.database import Pool
from workflows.rules.message import Message
from workflows.writer.messages import Actor


class Viewed(Message):
    """One look."""

    person: str
    organisation: str = ""
    part: str
    at: datetime


async def record_viewing(
    pool: Pool, actor: Actor, *, account: str, realm: str, application: str, part: str
) -> None:
    """Write down that somebody looks at a part of a case, before it is shown.

    Args:
        part: the page's own word, e.g. `anjuan`, `cailiao`; never what stands on it.
    """
    await pool.execute(
        SQL["add_viewing"], account, actor.person, actor.organisation, realm, application, part
    )


class Looking(Message):
    """A colleague who opened a case a moment ago: who, which part, when last."""

    person: str
    part: str
    at: datetime


async def looking_now(
    pool: Pool, actor: Actor, *, realm: str, application: str, within: timedelta
) -> tuple[Looking, ...]:
    """Who else of the actor's own organisation opened a case within so long, the last first.

    Of nobody who acts for himself or herself, and to nobody: an applicant is not told who looks.
    """
    if not actor.organisation:
        return ()
    rows = await pool.fetch(
        SQL["looking_now"], application, realm, actor.organisation, actor.person, within
    )
    return tuple(Looking.model_validate(dict(row)) for row in rows)


async def viewings_of(pool: Pool, application: str, limit: int = 200) -> tuple[Viewed, ...]:
    """Who looked at a case, the last first."""
    rows = await pool.fetch(SQL["viewings_of"], application, limit)
    return tuple(Viewed.model_validate(dict(row)) for row in rows)
