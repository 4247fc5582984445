"""`zhiping nudge --all`: waking every open case, page by page, with its progress and where to go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import click

from activities.paging import STREAMED
from activities.views import RealmView
from config.gateway import CaseGateway, new_request_id
from config.gateway_errors import GatewayError, NotFoundError
from starter.desk.office import Office, Who
from starter.desk.refusing import No, NoAnswer, Reason
from workflows.rules.message import Message
from workflows.writer.messages import Act

AT_ONCE = 16


class Nudged(Message):
    """How many open cases were woken, of how many there were at the beginning."""

    woken: int = 0
    closed_meanwhile: int = 0
    open: int = 0


@dataclass
class Nudging:
    """One go through the open cases of a realm, or of one campaign in it."""

    office: Office
    who: Who
    realm: RealmView
    campaign: str = ""
    request_id: str = ""
    _done: Nudged = field(default_factory=Nudged)

    async def go(self, after: str = "") -> Nudged:
        """Wake them by signal, those after one; the same request id again wakes nobody twice.

        Raises:
            NoAnswer: somebody was not reached; it says from where to go on.
        """
        reading = self.office.reading
        now = await self.office.time_in(self.realm)
        actor = await self.office.actor(self.who, self.realm.id, now)
        request = self.request_id or new_request_id()
        gateway = await self.office.engine.cases()
        total = await reading.count_open(self.realm.id, self.campaign)
        self._done = Nudged(open=total)
        async for page in self._pages(after):
            acts = [
                (case, Act(request_id=f"{request}:{case}", actor=actor, acted_at=now))
                for case in page
            ]
            try:
                await self._woken(gateway, acts)
            except GatewayError as err:
                raise self._stopped(after, request) from err
            after = page[-1]
            click.echo(f"已唤醒 {self._done.woken} 件（共 {total} 件在办）……", err=True)
        return self._done

    async def _pages(self, after: str) -> AsyncIterator[Sequence[str]]:
        page: list[str] = []
        reading = self.office.reading
        async for case in reading.open_applications(self.realm.id, self.campaign, after=after):
            page.append(case)
            if len(page) == STREAMED:
                yield page
                page = []
        if page:
            yield page

    async def _woken(self, gateway: CaseGateway, acts: Sequence[tuple[str, Act]]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def wake(case: str, act: Act) -> bool:
            async with slots:
                try:
                    await gateway.signal(case, "nudge", act)
                except NotFoundError:
                    return False
                return True

        reached = await asyncio.gather(*(wake(case, act) for case, act in acts))
        woken, gone = sum(reached), len(reached) - sum(reached)
        self._done = self._done.model_copy(
            update={
                "woken": self._done.woken + woken,
                "closed_meanwhile": self._done.closed_meanwhile + gone,
            }
        )

    def _stopped(self, after: str, request: str) -> NoAnswer:
        said = [
            "zhiping nudge --all",
            f"--realm {self.realm.id}" if self.realm.id != "live" else "",
        ]
        said += [f"--campaign {self.campaign}" if self.campaign else ""]
        said += [f"--after {after}" if after else "", f"--request-id {request}"]
        return NoAnswer(
            No.UNAVAILABLE,
            Reason(
                "unavailable",
                f"唤醒到一半，服务没有答复：已唤醒 {self._done.woken} 件。",
                next="请接着办：" + " ".join(filter(None, said)),
            ),
        )


def told(done: Nudged) -> str:
    """What was done, in one sentence."""
    gone = f"，另有 {done.closed_meanwhile} 件其间已办结" if done.closed_meanwhile else ""
    return f"已唤醒在办申报 {done.woken} 件{gone}。"
