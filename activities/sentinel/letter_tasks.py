"""Tasks about letters: one for each that a person must look at, and none where that is settled."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.database import Pool
from activities.letters.delivery import ask_a_person
from activities.sentinel.following import Found
from activities.sentinel.kinds import Finding, Kind, Outcome
from activities.sentinel.looking import SQL
from activities.sentinel.mending import LETTER_TASK
from activities.standstills import Standstills


class LetterTasks:
    """Compares the tasks about letters with the letters."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._standstills = Standstills(pool)

    async def end_of_found(self) -> None:
        """End operations' task about letters that were gone, where they are there again."""
        named = {
            row["subject"]: [part.split()[-1] for part in row["what"].split("；") if part.split()]
            for row in await self._pool.fetch(SQL["told_of_letters"], LETTER_TASK)
        }
        asked = [letter for letters in named.values() for letter in letters]
        there = {row["id"] for row in await self._pool.fetch(SQL["letters_there"], asked)}
        well = [subject for subject, letters in named.items() if there.issuperset(letters)]
        await self._standstills.end(LETTER_TASK, well, datetime.now(UTC))

    async def look(self) -> Found:
        """End the tasks of what was sent in the end, and ask for what nobody was asked about."""
        found = []
        for row in await self._pool.fetch(SQL["settled_tasks"]):
            await self._pool.execute(SQL["end_task"], row["task"], datetime.now(UTC))
            found.append((row["subject"], Finding(Kind.TASK_EXTRA, row["letter"]), Outcome.MENDED))
        for row in await self._pool.fetch(SQL["unasked_letters"]):
            async with self._pool.acquire() as connection, connection.transaction():
                await ask_a_person(connection, row, row["state"], row["error"])
            what = f"letter:{row['id']}"
            found.append((row["subject"], Finding(Kind.TASK_MISSING, what), Outcome.MENDED))
        return found
