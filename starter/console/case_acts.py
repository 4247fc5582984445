"""Acts on a case, as the flow of 办理 has them: one page and its PATH for every act of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from activities.views import CaseView
from activities.wording import label
from starter.console.acting import ActSubject, Shown, done_zh, flow
from starter.console.case import UPKEEP, around, case_act_path, steps_since
from starter.console.pages import Visit
from starter.console.seen_case import seen_case
from starter.desk.act_form import Option, Source
from starter.desk.acting import previewed, sent
from starter.desk.case_page import CasePage, trail_of
from starter.desk.choices import choices
from starter.desk.foreseeing import Foreseen, paper_of
from starter.desk.previewing import consequences
from starter.desk.refusing import Reason
from starter.desk.returning import RETURNS
from starter.desk.wording import reason_of
from workflows.application.case import Receipt
from workflows.application.catalogue import CATALOGUE
from workflows.application.weight import is_weighty
from workflows.writer.messages import Act

PATH = "/anjuan/{case}/ban/{act}"


@dataclass(frozen=True)
class CaseAct(ActSubject):
    """One act on one case, by whoever is signed in."""

    page: CasePage

    @property
    def id(self) -> str:
        return self.page.case.application

    @property
    def seq(self) -> int:
        return self.page.case.seq

    @property
    def path(self) -> str:
        return f"/anjuan/{self.id}"

    @property
    def act_path(self) -> str:
        return case_act_path(self.id, self.name)

    @property
    def layout(self) -> Mapping[str, Any]:
        return {"layout": "case_base.html", "subject_word": "案卷"} | around(
            self.page, "ban", self.kept
        )

    @property
    def held_back(self) -> Reason | None:
        views = self.page.actions
        view = next(item for item in views if item.action == self.name) if views else None
        if view is None or view.refusal is None:
            return None
        return reason_of(view.refusal, self.page.names)

    async def choices(self, sources: Collection[Source]) -> Mapping[Source, Sequence[Option]]:
        return await choices(self.visit.house.office, self.page, self.visit.me.at, sources)

    @property
    def case(self) -> CaseView:
        return self.page.case

    async def shown(self, act: Act) -> Shown:
        office, case = self.visit.house.office, self.page.case
        found = await previewed(office, case, self.name, act)
        if found.refusals:
            return Shown(refused=await office.reasons(found.refusals, case.realm))
        return Shown(
            follows=await consequences(office, found, case.realm),
            weighty=is_weighty(self.name, found),
        )

    async def paper(self, act: Act) -> Foreseen | None:
        office, case = self.visit.house.office, self.page.case
        found = await previewed(office, case, self.name, act)
        return None if found.refusals else await paper_of(office, case, self.name, act, found)

    async def send(self, act: Act) -> str:
        return _told(await sent(self.visit.house.office, self.page.case, self.name, act))

    async def since(self, seq: int) -> Sequence[str]:
        if seq >= self.seq:
            return ()
        entries = self.page.entries or await trail_of(self.visit.house.office, self.page)
        return steps_since(replace(self.page, entries=entries), seq)


async def act_here(visit: Visit) -> CaseAct:
    """The case and the act of the address.

    Raises:
        HTTPException: 404.
    """
    row = CATALOGUE.get(str(visit.request.path_params["act"]))
    if row is None or row.name == "submit" or row.name in RETURNS:
        visit.nothing()
    if row.name in UPKEEP and visit.me.actor.role != "operations":
        visit.nothing()
    return CaseAct(visit, row.name, row.payload, await seen_case(visit, "ban", trail=False))


def _told(receipt: Receipt) -> str:
    """The answer in one sentence, with what is to be minded."""
    standing = (
        label("ends", receipt.end)
        if receipt.end
        else label("stages", receipt.stage)
        if receipt.stage
        else ""
    )
    return done_zh(receipt, standing)


PAGES = flow(PATH, act_here)
