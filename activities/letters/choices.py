"""How organisations and their members want to be told what there is to do, as they have chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record

from activities.database import Pool, scope
from activities.operating import Operating
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedRhythm
from workflows.rules.names import Rhythm
from workflows.rules.refusals import Code, refuse

SQL = statements("letters")
USUAL = "usual"
"""A choice that is taken back: a member goes along with the organisation, that with the usual."""


class Choice(NamedTuple):
    """A rhythm, and when it was chosen on the record's own clock."""

    rhythm: Rhythm | None
    written_at: datetime


class Choices:
    """What an organisation and some of its members have chosen."""

    def __init__(self, rows: Iterable[Record]) -> None:
        # A rehearsal's own come after the live office's.
        self._chosen: Mapping[str, Choice] = {
            row["organisation"] or row["person"]: Choice(
                None if row["rhythm"] == USUAL else Rhythm(row["rhythm"]), row["written_at"]
            )
            for row in rows
        }

    def rhythm_of(self, whose: str) -> Rhythm | None:
        """The rhythm of an organisation or person; None where nothing is chosen."""
        choice = self._chosen.get(whose)
        return choice.rhythm if choice else None

    def goes_along(self, member: str, since: datetime) -> bool:
        """Whether a member is told what the organisation is told, by a letter begun at an instant.

        Who chose only after that is told by it still, or would be by none.
        """
        choice = self._chosen.get(member)
        return choice is None or choice.rhythm is None or choice.written_at > since


async def choices(pool: Pool, organisation: str, people: Collection[str], realm: str) -> Choices:
    """What an organisation and these people have chosen, as a realm sees it."""
    return Choices(await pool.fetch(SQL["choices"], scope(realm), organisation, sorted(people)))


async def choose_letters(work: Operating) -> OperationOutcome:
    """Choose how an organisation, or a person as its member, is told what there is to do.

    What waits to be told so far is told at once, and the new rhythm begins.

    Raises:
        Refused: `not_found`.
    """
    stated = work.read(StatedRhythm)
    if not await work.connection.fetchval(
        SQL["is_known"], work.kept_under, stated.organisation, stated.person
    ):
        what = "person" if stated.person else "organisation"
        raise refuse(Code.NOT_FOUND, what=what, **{what: stated.person or stated.organisation})
    whose = ("", stated.person) if stated.person else (stated.organisation, "")
    await work.connection.execute(
        SQL["choose"], work.kept_under, *whose, stated.rhythm, work.by, work.at
    )
    waiting = await work.connection.fetch(SQL["hasten"], work.request.realm, *whose)
    rooms = " ".join(sorted({row["room"] for row in waiting}))
    return OperationOutcome(done=True, count=len(waiting), params={"room": rooms})
