"""The page of one case as data: who holds it, until when and why, what can be done next and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.covers import both_names, covers_now
from activities.seeing import Section
from activities.views import CaseView, TimelineEntry
from activities.wording import date_zh, label
from starter.desk.eyes import eyes_of
from starter.desk.office import Office, Who
from starter.desk.standing_still import standstill_of, standstill_zh
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import ActionView, Snapshot, StoredCase
from workflows.application.projection import snapshot
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local
from workflows.rules.names import Relation, Stage
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Actor

APPLICANT = "applicant"
RANKS: Sequence[str] = ("supervisor", "member", "operations")
NOT_FOR_PEOPLE = frozenset({"submit", "amend", "nudge", "resume"})


@dataclass(frozen=True)
class CasePage:
    """What is shown of a case: all of it from the record, which every step leaves up to date."""

    case: CaseView
    closed: bool
    held_by: dict[str, str] | None
    now: Snapshot | None
    """The case as of now; None where it left no state."""
    entries: Sequence[TimelineEntry]
    reason: str
    names: Mapping[str, str]
    actor: Actor
    """Who looks at it."""
    stored: StoredCase | None = None
    """The case as its last step left it."""
    at_hand: tuple[str, ...] = ()
    """Who may act now for one's own organisation, where it holds the case or is its office."""

    @property
    def deadline(self) -> Deadline | None:
        """The deadline to look at first."""
        if self.now is not None:
            return self.now.deadline
        return next((item for item in self.case.deadlines if item.rule == self.case.due_rule), None)

    @property
    def other_deadlines(self) -> tuple[Deadline, ...]:
        """The other running ones."""
        if self.now is not None:
            return self.now.other_deadlines
        first = self.deadline
        return tuple(item for item in self.case.deadlines if item is not first)

    @property
    def actions(self) -> tuple[ActionView, ...]:
        """What can be done and what not; a closed case takes the few acts that reach it."""
        found = self.now.actions if self.now else ()
        return tuple(_on_closed(view, self.case) for view in found) if self.closed else found

    @property
    def done(self) -> frozenset[str]:
        """What was done and could be done once more: money that comes after it is enough."""
        waits = self.case.stage is Stage.AWAITING_PAYMENT
        return frozenset(() if waits else {"record_payment"})

    @property
    def standstill(self) -> str:
        """Why nothing moves, and that operations have to see to it; empty where it moves."""
        return standstill_zh(self.now.needs_operator if self.now else "")

    @property
    def inquiry(self) -> dict[str, Any] | None:
        """The inquiry that is open, the first of several."""
        inquiries = self.now.inquiries if self.now else ()
        return next((dict(item) for item in inquiries if item.get("open")), None)


def _on_closed(view: ActionView, case: CaseView) -> ActionView:
    if CATALOGUE[view.action].on_closed:
        return view
    refusal = Refusal(
        code=Code.ALREADY_DECIDED,
        clause=case.end_details.clause if case.end_details else "",
        params={"action": view.action, "end": case.end.value if case.end else ""},
    )
    return view.model_copy(update={"allowed": False, "refusal": refusal})


async def page_of(
    office: Office,
    case: CaseView,
    who: Who | Actor,
    *,
    at: datetime | None = None,
    own_acts: bool = False,
    trail: bool = True,
) -> CasePage:
    """Gather the page of a case from the record, as somebody may see it.

    Args:
        who: as `eyes_of` takes it.
        at: the time in the case's realm, where it was asked already.
        own_acts: say what this very person may do, and not what anybody may.
        trail: read its steps too; a form is shown without them.

    Raises:
        NoAnswer, Refused: `not_entitled`.
    """
    if at is None:
        at = await office.time_in(await office.realm(case.realm))
    # Read once: what may be seen of the case and how it stands now come from the same state.
    stored = await office.reading.stored(case.application)
    eyes = await eyes_of(office, who, case, stored)
    eyes.check(Section.CASE)
    entries = eyes.trail(await office.reading.timeline(case.application)) if trail else ()
    actor = eyes.actor if own_acts else None
    now = _now(stored, case, at, actor)
    return CasePage(
        case=case,
        closed=await office.is_closed(case),
        held_by=await _holder(office, case),
        now=now,
        entries=entries,
        reason=await _reason(office, case),
        names=await _names(office, case.realm, now),
        actor=eyes.actor,
        stored=stored,
        at_hand=await _at_hand(office, case, stored, eyes.actor, at),
    )


async def _at_hand(
    office: Office, case: CaseView, stored: StoredCase | None, actor: Actor, at: datetime
) -> tuple[str, ...]:
    """Who may act now for the holder or the committee's office, the head's deputy among them: told to
    colleagues alone."""
    held = actor.organisation
    concerned = {case.held_by.organisation} if case.held_by else set()
    concerned |= {stored.case.office} if stored else set()
    if not held or held not in concerned:
        return ()
    people = {
        grant.person: grant
        for grant in sorted(
            await office.reading.people_of(held, at, case.realm),
            key=lambda grant: RANKS.index(grant.role),
            reverse=True,
        )
        if grant.person != case.person
    }
    covers = {item.deputy: item for item in await covers_now(office.pool, held, case.realm, at)}
    names = {grant.person: grant.name for grant in people.values()}
    return tuple(
        both_names(grant.name, names.get(covers[grant.person].principal, ""))
        + f"，至{date_zh(covers[grant.person].ends_on)}"
        if grant.person in covers
        else f"{grant.name}，{label('roles', grant.role)}"
        for grant in sorted(people.values(), key=lambda grant: RANKS.index(grant.role))
    )


async def trail_of(office: Office, page: CasePage) -> tuple[TimelineEntry, ...]:
    """The steps of a page that was gathered without them, as its reader may see them."""
    eyes = await eyes_of(office, page.actor, page.case, page.stored)
    return eyes.trail(await office.reading.timeline(page.case.application))


def _now(
    stored: StoredCase | None, case: CaseView, as_of: datetime, actor: Actor | None
) -> Snapshot | None:
    if stored is None:
        return None
    return snapshot(stored.case, local(as_of), actor=actor, parked=standstill_of(case.tasks))


async def _names(office: Office, realm: str, now: Snapshot | None) -> dict[str, str]:
    """Names of the organisations that the page's sentences name."""
    if now is None:
        return {}
    refusals = (view.refusal for view in now.actions if view.refusal)
    names = await office.names_in(refusals, realm)
    asking = {asked.by.organisation for asked in now.asked}
    return names | await office.reading.organisation_names(asking, realm) if asking else names


async def _reason(office: Office, case: CaseView) -> str:
    """Why it ended: a text of the record, or the codes of an ineligible submission."""
    stated = case.end_details.reason if case.end_details else ""
    return await office.reading.text(stated) or stated


async def _holder(office: Office, case: CaseView) -> dict[str, str] | None:
    held = case.held_by
    if held is None:
        return None
    if held.organisation != APPLICANT:
        return {"organisation": held.organisation, "name": held.name, "phone": held.phone}
    contact = await office.reading.applicant_contact(case.application)
    phone = contact.phone if contact else ""
    return {"organisation": APPLICANT, "name": case.applicant, "phone": phone}


def is_held_back(view: ActionView) -> bool:
    """Whether an act belongs to where the case stands, and something stands against it.

    What belongs to other stages says no more than "not now".
    """
    return view.refusal is not None and view.refusal.code not in _OF_OTHER_STAGES


def by_zh(view: ActionView) -> str:
    """Who may do an act; "anyone" beside others means whom the rule itself knows: who set the date."""
    named = [relation for relation in view.relations if relation is not Relation.ANYONE]
    return "、".join(label("relations", relation) for relation in named or view.relations)


_OF_OTHER_STAGES = frozenset({"wrong_stage", "already_decided"})
