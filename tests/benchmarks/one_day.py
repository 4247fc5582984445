"""Eight acts of one day on one case through the real stack, as people would do them one after another.

No clock is moved: the case is of a rehearsal whose time goes on by itself. The acts make about
thirteen letters (issue 10 measured thirteen).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from config.gateway.cases import CaseGateway
from config.submission_files import made_up_person, sample
from config.temporal import connect
from tests.benchmarks.real_stack import CAMPAIGN, RealStack
from workflows.application.messages import OpenApplication
from workflows.writer.messages import Act, Actor

OPENS = datetime.fromisoformat("2023-10-12T09:00:00+08:00")
ROUTE = "city_unit"
ACTS = 8
UNIT = Actor(person="liu", organisation="liangjiang-data-group", role="member")
STRANGER = Actor(person="anyone", role="anyone")
Clock = Callable[[], float]


@dataclass
class Season:
    """One rehearsal on a stack, in which cases are opened."""

    stack: RealStack
    gateway: CaseGateway
    realm: str
    shift_seconds: float
    texts: tuple[str, ...]
    took: list[float] = field(default_factory=list)
    """Seconds of each act, from asking to its answer."""
    _people: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    async def opened(cls, stack: RealStack) -> Season:
        """A rehearsal that begins on a morning of the notice's own window."""
        realm = f"bench-{uuid4().hex[:8]}"
        shift = await stack.intake.open_realm(realm, OPENS)
        texts = [await stack.intake.store_text(f"说明{number}") for number in range(3)]
        gateway = CaseGateway(await connect(stack.settings), stack.settings)
        return cls(stack, gateway, realm, shift, tuple(texts))

    async def submitted(self) -> tuple[str, Actor]:
        """A case of somebody new, and its applicant. One of the eight acts."""
        identity = made_up_person(next(self._people)).model_dump(mode="json")
        document = sample(ROUTE, CAMPAIGN, identity=identity)
        draft = await self.stack.intake.store_draft(
            self.realm, CAMPAIGN, document.model_dump(mode="json", exclude={"title"})
        )
        person = await self.stack.pool.fetchval("SELECT person FROM draft WHERE id = $1", draft)
        application = f"application-{uuid4()}"
        opening = OpenApplication(
            application=application, realm=self.realm, shift_seconds=self.shift_seconds
        )
        applicant = Actor(person=person, role="applicant")
        began = time.monotonic()
        await self.gateway.submit(opening, self._act(applicant, draft=draft))
        self.took.append(time.monotonic() - began)
        return application, applicant

    async def act(self, application: str, name: str, by: Actor, **stated: object) -> None:
        """One act, answered."""
        began = time.monotonic()
        await self.gateway.act(application, name, self._act(by, **stated))
        self.took.append(time.monotonic() - began)

    async def day(self) -> str:
        """The eight acts on one new case."""
        case, applicant = await self.submitted()
        reason, answer, finding = self.texts
        items = [{"id": "1", "text": reason}]
        await self.act(case, "return_for_correction", UNIT, items=items, days=2)
        await self.act(case, "resubmit", applicant)
        await self.act(case, "start_publicity", UNIT, place=reason)
        await self.act(case, "raise_objection", STRANGER, text=reason)
        await self.act(case, "respond_to_inquiry", applicant, text=answer)
        await self.act(case, "conclude_inquiry", UNIT, outcome="unfounded", reason=finding)
        await self.act(case, "raise_objection", STRANGER, text=answer)
        return case

    def _act(self, by: Actor, **stated: object) -> Act:
        now = datetime.now(UTC) + timedelta(seconds=self.shift_seconds)
        return Act(request_id=str(uuid4()), actor=by, acted_at=now, payload=dict(stated))
