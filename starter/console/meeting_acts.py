"""Acts on a meeting and its batches, as the flow of 办理 has them; and the plan that begins one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

from activities.wording import label
from starter.console.acting import ActSubject, Shown, done_zh, flow
from starter.console.fields import Typed, blank
from starter.console.meetings import LIST, OFFICE_KIND, around, seen_meeting
from starter.console.pages import Visit
from starter.desk.act_form import MEETING_ACTS, Field, Option, Source, Widget
from starter.desk.acting import planned, sent_to_meeting
from starter.desk.ids import meeting_id
from starter.desk.meeting_choices import candidates_for, choices
from starter.desk.meeting_page import NOT_FOR_PEOPLE, MeetingPage
from starter.desk.previewing import meeting_consequences
from starter.desk.refusing import Reason
from starter.desk.wording import reason_of
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import Meeting
from workflows.meeting.messages import MeetingReceipt
from workflows.meeting.payloads import PlanMeeting
from workflows.meeting.preview import preview
from workflows.rules.draw import commitment_to
from workflows.writer.messages import Act

PATH, PLAN = f"{LIST}/{{meeting}}/ban/{{act}}", f"{LIST}/paiding"
WEIGHTY = frozenset({"sign", "cancel_meeting", "confirm_batch", "file_batch", "reply_batch"})
"""Acts that bring results about, or undo a meeting for everybody on its list."""
ROW_EACH = {"enter_ballots": "tallies", "record_opinions": "opinions"}
"""Acts that state a row for each candidate."""
WAITS_FOR_SECOND = "这是第一次录入，须由另一人再录入一次，一致的才生效。"
MOST_ROWS = 200
"""Rows of one form; of a longer list the rest follows in the next one."""


@dataclass(frozen=True)
class MeetingAct(ActSubject):
    """One act on one meeting."""

    page: MeetingPage

    words = MEETING_ACTS
    most_rows = MOST_ROWS

    @property
    def spare_rows(self) -> int:
        return 0 if self.name in ROW_EACH else 1

    @property
    def named_by(self) -> Mapping[str, str]:
        rows = ROW_EACH.get(self.name)
        return {rows: "application"} if rows else {}

    @property
    def id(self) -> str:
        return self.page.meeting.meeting

    @property
    def seq(self) -> int:
        return self.page.meeting.seq

    @property
    def path(self) -> str:
        return f"{LIST}/{self.id}"

    @property
    def layout(self) -> Mapping[str, Any]:
        return {"layout": "meeting_base.html", "subject_word": "评审会"} | around(self.page, "ban")

    @property
    def held_back(self) -> Reason | None:
        # Also of a meeting that is over, which offers nothing: nobody types in vain.
        views = self.page.now.actions if self.page.now else ()
        view = next((item for item in views if item.action == self.name), None)
        if view is None or view.refusal is None:
            return None
        return reason_of(view.refusal, {})

    async def choices(self, sources: Collection[Source]) -> Mapping[Source, Sequence[Option]]:
        return await choices(self.visit.house.office, self.page, self.name, sources)

    async def at_first(self, fields: Sequence[Field]) -> Typed:
        """A counting sheet and a sheet of opinions have the candidates that are still to be done; a
        commitment the hash of a value that is shown here and kept nowhere."""
        typed = blank(fields)
        if rows := ROW_EACH.get(self.name):
            for number, row in enumerate(await self._rows()):
                typed[f"{rows}.{number}.application"] = [row]
        if self.name == "commit_draw":
            value = token_hex(32)
            typed["commitment"] = [commitment_to(value)]
            typed["value"] = [value]
        return typed

    def remark(self, typed: Typed) -> str:
        """The value that belongs to a commitment: whoever made it must have it to reveal it."""
        if self.name != "commit_draw":
            return ""
        value = typed.get("value", [""])[0]
        if not value:
            return "随机值只显示一次；没有抄存的，请重新打开本页。"
        return f"本次的随机值：{value}。请抄存好，揭示时要填；系统不保存，也不要告诉评委会办公室。"

    async def _rows(self) -> list[str]:
        found = await candidates_for(self.visit.house.office, self.page, self.name)
        return [row.application for row in found[:MOST_ROWS]]

    async def shown(self, act: Act) -> Shown:
        office, meeting = self.visit.house.office, self.page.meeting
        if self.page.stored is None or act.acted_at is None:
            return Shown()
        found = preview(self.page.stored, self.name, act, act.acted_at)
        if found.refusals:
            return Shown(refused=await office.reasons(found.refusals, meeting.realm))
        follows = await meeting_consequences(office, found, meeting.realm)
        return Shown(follows=follows, weighty=self.name in WEIGHTY)

    async def send(self, act: Act) -> str:
        office = self.visit.house.office
        receipt = await sent_to_meeting(office, self.page.meeting, self.name, act)
        first = self.name == "enter_ballots" and not receipt.counted
        return _told(receipt) + (WAITS_FOR_SECOND if first else "")

    async def since(self, seq: int) -> Sequence[str]:
        steps = await self.visit.house.office.reading.meeting_steps(self.id)
        return [
            f"{step.organisation_name}{step.actor_name}办理了{label('acts', step.name)}"
            for step in steps
            if step.seq > seq and step.source == "act"
        ]


@dataclass(frozen=True)
class PlanAct(ActSubject):
    """The plan of a meeting that is not there yet."""

    words = MEETING_ACTS

    @property
    def id(self) -> str:
        return f"{self.visit.me.realm.id}:{self.name}"

    @property
    def seq(self) -> int:
        return 0

    @property
    def path(self) -> str:
        return LIST

    @property
    def act_path(self) -> str:
        return PLAN

    @property
    def layout(self) -> Mapping[str, Any]:
        return {
            "layout": "plan_base.html",
            "subject_word": "评审会",
            "title": "评审会",
            "standing": "",
        }

    @property
    def held_back(self) -> Reason | None:
        return None

    async def choices(self, _sources: Collection[Source]) -> Mapping[Source, Sequence[Option]]:
        return {}

    async def fields(self) -> tuple[Field, ...]:
        """With the committees of this office, and the notices they are for."""
        office, me = self.visit.house.office, self.visit.me
        fields = await super().fields()
        filed = await office.reading.committees(me.realm.id)
        own = [item for item in filed if item.office == me.organisation]
        notices = await office.reading.notice_numbers(me.realm.id)
        rules = [await office.reading.policy(name, realm=me.realm.id) for name in notices]
        offered = {
            "committee": [Option(item.id, item.name) for item in own],
            "campaign": [
                Option(item.campaign, notices[item.campaign])
                for item in rules
                if item is not None and item.committee.office == me.organisation
            ],
        }
        return tuple(_chosen(field, offered.get(field.key, ())) for field in fields)

    async def shown(self, act: Act) -> Shown:
        office, realm = self.visit.house.office, self.visit.me.realm.id
        stated = PlanMeeting.model_validate(act.payload)
        committee = await office.reading.committee(stated.committee, realm)
        policy = await office.reading.policy(stated.campaign, realm=realm)
        calendar = await office.reading.calendar(realm=realm)
        if committee is None or policy is None or calendar is None or act.acted_at is None:
            return Shown()  # the meeting itself says what there is
        blank = Meeting(
            meeting=meeting_id(realm, act.request_id),
            realm=realm,
            committee=committee,
            policy=policy,
            calendar=calendar,
        )
        found = preview(blank, self.name, act, act.acted_at)
        if found.refusals:
            return Shown(refused=await office.reasons(found.refusals, realm))
        return Shown(follows=await meeting_consequences(office, found, realm))

    async def send(self, act: Act) -> str:
        return _told(await planned(self.visit.house.office, self.visit.me.realm, act))


async def act_here(visit: Visit) -> MeetingAct:
    """The meeting and the act of the address.

    Raises:
        HTTPException: 404.
    """
    row = MEETING_CATALOGUE.get(str(visit.request.path_params["act"]))
    if row is None or row.name in NOT_FOR_PEOPLE or row.name == "plan":
        visit.nothing()
    page = await seen_meeting(visit)
    if page.actor is None or not (
        {page.meeting.office, page.meeting.city_office} & {page.actor.organisation}
    ):
        visit.nothing()
    return MeetingAct(visit, row.name, row.payload, page)


async def plan_here(visit: Visit) -> PlanAct:
    """The plan, for a committee's office.

    Raises:
        HTTPException: 404.
    """
    hat = visit.me.hat
    if hat is None or hat.kind != OFFICE_KIND:
        visit.nothing()
    return PlanAct(visit, "plan", PlanMeeting)


def _chosen(field: Field, offered: Sequence[Option]) -> Field:
    """A field with values to choose from; as it was where there are none."""
    if not offered:
        return field
    return replace(field, widget=Widget.ONE, options=tuple(offered), typed="")


def _told(receipt: MeetingReceipt) -> str:
    """The answer in one sentence."""
    counted = f"，涉及 {receipt.counted} 人" if receipt.counted else ""
    lines = f"，正在告知 {receipt.lines} 件申报" if receipt.lines else ""
    standing = label("phases", receipt.phase) if receipt.phase else ""
    return done_zh(receipt, standing, beside=counted + lines)


PAGES = (*flow(PLAN, plan_here), *flow(PATH, act_here))
