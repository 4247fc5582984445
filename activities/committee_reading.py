"""The read side of committees: the filing, the pool, and the experts' names for who may see them.

Names are decrypted here and nowhere else; whoever asks decides who may see the answer (art 24).
"""

from __future__ import annotations

from collections.abc import Iterable

from activities.database import LIVE, scope
from activities.directory import DirectoryReading
from activities.statements import statements
from activities.views import Contact
from workflows.rules.committee import Committee, Expert
from workflows.rules.committee_filing import FiledCommittee

SQL = statements("committees")
PEOPLE = statements("directory")["people"]


class CommitteeReading(DirectoryReading):
    """Committees as a realm sees them."""

    async def committee(self, committee: str, realm: str = LIVE) -> Committee | None:
        """A committee as a meeting travels with it; None where there is none."""
        found = await self.filed_committee(committee, realm)
        return found.plain() if found else None

    async def filed_committee(self, committee: str, realm: str = LIVE) -> FiledCommittee | None:
        """A committee with its name and the rest of its filing; None where there is none."""
        content = await self._pool.fetchval(SQL["committee"], committee, scope(realm))
        return FiledCommittee.model_validate_json(content) if content else None

    async def committees(self, realm: str = LIVE) -> tuple[FiledCommittee, ...]:
        """All committees a realm sees, by id."""
        rows = await self._pool.fetch(SQL["committees"], scope(realm))
        return tuple(FiledCommittee.model_validate_json(row["content"]) for row in rows)

    async def pool(self, committee: str, realm: str = LIVE) -> tuple[Expert, ...]:
        """The whole pool by expert id, past terms included: `serves_on` tells who may be drawn."""
        rows = await self._pool.fetch(SQL["pool"], committee, scope(realm))
        return tuple(Expert.model_validate(dict(row)) for row in rows)

    async def expert_names(self, experts: Iterable[str], realm: str = LIVE) -> dict[str, str]:
        """Expert id → name, for those that are known."""
        people = await self._people_of(experts, realm)
        names = await self.names_of(people.values(), realm)
        return {expert: names[person] for expert, person in people.items() if person in names}

    async def expert_contacts(
        self, experts: Iterable[str], realm: str = LIVE
    ) -> dict[str, Contact]:
        """Expert id → name and how to reach him or her, for those that are known."""
        people = await self._people_of(experts, realm)
        rows = await self._pool.fetch(PEOPLE, sorted(set(people.values())), scope(realm))
        found = {row["id"]: self._contact(row) for row in rows}
        return {expert: found[person] for expert, person in people.items() if person in found}

    async def _people_of(self, experts: Iterable[str], realm: str) -> dict[str, str]:
        wanted = sorted(set(experts))
        rows = await self._pool.fetch(SQL["people_of_experts"], wanted, scope(realm))
        return {row["id"]: row["person"] for row in rows}
