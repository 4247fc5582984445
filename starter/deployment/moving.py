"""Moving what runs on other versions to the current one: a bulk of each realm wakes it (decision 0031).

Each begins its next run on the current version. The bulks stand in the register with who did not
answer; they are paused, resumed and tried again like any other, and a call of this goes on with them.
Who is left on a version is asked of the engine. Mailrooms and bulks are no subjects of a bulk: they are
rung at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from activities.bulks.reading import BulkReading, BulkView
from activities.views import RealmView
from config.deployments import Deployment, Left, left_on, pinned_to
from config.temporal import knows_no_workflow
from starter.desk import bulks
from starter.desk.office import Office, Who
from starter.desk.refusing import No, NoAnswer
from workflows.bulk.messages import PREFIX, Carry
from workflows.letter.messages import Wake
from workflows.rules.message import Message

PAGE = 500
LOOK_AGAIN = 1.0
PATIENCE = timedelta(minutes=2)
"""How long nobody may have moved, after all were woken, before it is said who stays."""
GOES_ON = ("paused", "stopped")


class Moved(Message):
    """How a move ended.

    Attributes:
        woken: cases and meetings that took the word.
        bulks: those it was done by, one a realm.
        left: by version, those that stay: parked on a fault, or on a version without workers.
    """

    woken: int = 0
    bulks: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass
class Move:
    """One call of `zhiping deploy move`."""

    office: Office
    client: Client
    name: str
    who: Who
    tell: Callable[[int, Sequence[BulkView]], None]
    """Told how many are left, and how far the bulks are."""
    patience: timedelta = PATIENCE
    _asked: dict[str, str] = field(default_factory=dict)
    """By realm: the bulk that wakes it."""

    async def go(self, deployment: Deployment) -> Moved:
        """Wake until nobody is left, or nobody moves any more."""
        builds = [item.build for item in deployment.versions if not item.current]
        loop = asyncio.get_running_loop()
        left = await self._left(builds)
        found: list[BulkView] = []
        if any(item.count for item in left):
            await self._ring(builds)
            for realm in await self.office.lists.realms():
                if realm.closed_at is None:
                    await self._begin(realm)
        fewest, since = -1, loop.time()
        while total := sum(item.count for item in left):
            found = [await self._bulk(bulk) for bulk in self._asked.values()]
            runs = any(item.state == "running" for item in found)
            if runs or fewest < 0 or total < fewest:
                fewest, since = total, loop.time()
            elif loop.time() - since > self.patience.total_seconds() or _rests(found):
                break
            self.tell(total, found)
            await asyncio.sleep(LOOK_AGAIN)
            left = await self._left(builds)
        found = [await self._bulk(bulk) for bulk in self._asked.values()]
        return Moved(
            woken=sum(item.number("done") for item in found),
            bulks=tuple(self._asked.values()),
            left=tuple(item for item in left if item.count),
        )

    async def _begin(self, realm: RealmView) -> None:
        """Wake a realm: go on with what was begun and is not over, or begin anew. Whom an earlier one
        woke is woken again, which does nothing to whoever is on the current version."""
        known = await self._earlier(realm.id)
        if known is not None and known.state in ("running", *GOES_ON):
            if known.state in GOES_ON:
                await self.office.operate("resume_bulk", self.who, {"bulk": known.id}, realm.id)
            self._asked[realm.id] = known.id
        else:
            try:
                self._asked[realm.id] = await bulks.woken(self.office, realm, self.who)
            except NoAnswer as err:
                if err.kind is not No.NOT_FOUND:  # nothing is open there
                    raise

    async def _earlier(self, realm: str) -> BulkView | None:
        """The last bulk of this person that wakes a realm."""
        register = BulkReading(self.office.pool, self.office.identity)
        found, _ = await register.bulks(realm, organisation=self.who[1])
        mine = (item for item in found if item.person == self.who[0])
        return next((item for item in mine if item.action == bulks.NUDGE), None)

    async def _bulk(self, bulk: str) -> BulkView:
        found = await BulkReading(self.office.pool, self.office.identity).bulk(bulk)
        if found is None:
            raise LookupError(bulk)
        return found

    async def _left(self, builds: list[str]) -> list[Left]:
        return [await left_on(self.client, self.name, build) for build in builds]

    async def _ring(self, builds: Sequence[str]) -> None:
        """Mailrooms, and bulks, one of which may wait two days for another human."""
        for build in builds:
            query = f"{pinned_to(self.name, build)} AND WorkflowType IN ('Mailroom', 'Bulk')"
            async for room in self.client.list_workflows(query, page_size=PAGE):
                word, said = ("carry", Carry()) if room.id.startswith(PREFIX) else ("wake", Wake())
                try:
                    await self.client.get_workflow_handle(room.id).signal(word, said)
                except RPCError as err:
                    if not knows_no_workflow(err):
                        raise


def _rests(found: Sequence[BulkView]) -> bool:
    """Whether somebody paused one of them: whoever moves waits for nobody's pause."""
    return any(item.state in GOES_ON for item in found)
