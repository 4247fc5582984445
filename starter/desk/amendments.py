"""What an amended notice or calendar would do to whatever is open, before anybody publishes it.

Decided by the pure core on each case as the record has it, without a trace: the same decision that each
takes when it hears of the amendment.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from activities.amending import SYSTEM
from activities.stored_cases import of_a_season
from activities.views import RealmView
from activities.wording import label
from starter.desk.bulks import PAGE
from starter.desk.office import Office, Who
from starter.desk.refusing import Door, not_found, refused
from workflows.application.case import Case
from workflows.application.messages import Moved, Preview, Published, StoredCase
from workflows.application.preview import preview
from workflows.operation.payloads import StatedCampaign, StatedYears
from workflows.rules.calendar import Calendar
from workflows.rules.policy import Policy
from workflows.rules.refusals import Refusal
from workflows.writer.messages import Act

PUBLISHERS = ("operations", "supervisor")
MOVED, LETTERS = ("期限", "变动", "件数"), ("通知", "件数")
BEFORE = "排练"
"""Stands for the reason, which whoever publishes states."""

Amended = Callable[[Case], Published]


@dataclass(frozen=True)
class Followed:
    """What one case would make of an amendment: the clocks that move, whom it tells, or its no."""

    application: str
    moved: tuple[Moved, ...] = ()
    letters: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass
class Amendment:
    """What an amendment would do to all that is open.

    Attributes:
        open: how many cases were looked at.
        followed: those of which anything moves, or that would refuse it.
    """

    open: int = 0
    followed: list[Followed] = field(default_factory=list)

    @property
    def moved(self) -> Counter[tuple[str, int]]:
        """How many clocks of which rule move by how many days."""
        return Counter(
            (clock.key.partition(":")[0], _days(clock))
            for item in self.followed
            for clock in item.moved
        )

    @property
    def letters(self) -> Counter[str]:
        """How many letters of which kind."""
        return Counter(kind for item in self.followed for kind in item.letters)

    @property
    def moved_rows(self) -> list[tuple[str, str, str]]:
        """The same in words, the most frequent first."""
        return [
            (label("rules", rule), f"推后 {days} 天" if days > 0 else "变动", str(number))
            for (rule, days), number in self.moved.most_common()
        ]

    @property
    def letter_rows(self) -> list[tuple[str, str]]:
        """Letters in words, the most frequent kind first."""
        return [
            (label("letters", kind), str(number)) for kind, number in self.letters.most_common()
        ]

    @property
    def refused(self) -> list[Followed]:
        """The cases that would not take it, and stand still or stay as they are."""
        return [item for item in self.followed if item.refusals]


async def campaign_rehearsed(
    office: Office, realm: RealmView, who: Who, stated: Mapping[str, Any]
) -> Amendment:
    """What an amended notice would do to the open cases of its campaign.

    Raises:
        NoAnswer: `not_entitled`; the notice or a calendar is not published.
    """
    await _check_publishes(office, realm, who)
    policy = StatedCampaign.model_validate(dict(stated)).policy
    known = await office.reading.policy(policy.campaign, realm=realm.id)
    calendar = await office.reading.calendar(realm=realm.id)
    if known is None or calendar is None:
        raise not_found(f"通知“{policy.campaign}”尚未公布。", "请先公布通知。", door=Door.PUBLISH)
    amended = policy.model_copy(update={"version": known.version + 1, "digest": BEFORE})

    def published(case: Case) -> Published:
        return _published(case, amended, calendar)

    return await _rehearsed(office, realm, policy.campaign, published)


async def calendar_rehearsed(
    office: Office, realm: RealmView, who: Who, stated: Mapping[str, Any]
) -> Amendment:
    """What amended working days would do to whatever is open.

    Raises:
        NoAnswer: `not_entitled`; no calendar is published. Refused: `calendar_missing` for a change to
            a year that is not.
    """
    await _check_publishes(office, realm, who)
    calendar = await office.reading.calendar(realm=realm.id)
    if calendar is None:
        raise not_found("还没有公布工作日历。", "请先公布。", door=Door.PUBLISH)
    known = calendar.years
    laid = {
        item.year: item.laid_over(known.get(item.year))
        for item in StatedYears.model_validate(dict(stated)).years
    }
    amended = calendar.model_copy(
        update={"years": dict(known) | laid, "version": BEFORE, "digest": BEFORE}
    )
    campaigns = {item.campaign for item in await office.reading.campaigns(realm.id)}
    found = {name: await office.reading.policy(name, realm=realm.id) for name in campaigns}
    policies = {name: policy for name, policy in found.items() if policy is not None}

    def published(case: Case) -> Published:
        return _published(case, policies.get(case.policy.campaign, case.policy), amended)

    return await _rehearsed(office, realm, "", published)


async def _check_publishes(office: Office, realm: RealmView, who: Who) -> None:
    actor = await office.actor(who, realm.id, await office.time_in(realm))
    if actor.role not in PUBLISHERS:
        raise refused(
            "not_entitled",
            "修改由运维人员、评委会办公室和职改办的负责人排练和公布。",
            next_step="请用有相应权限的账户。",
        )


async def _rehearsed(
    office: Office, realm: RealmView, campaign: str, published: Amended
) -> Amendment:
    at, found = await office.time_in(realm), Amendment()
    async for stored in _open(office, realm.id, campaign):
        case = stored.case
        act = Act(actor=SYSTEM, payload={"reason": BEFORE})
        shown = preview(case, "amend", act, at, published=published(case))
        found.open += 1
        if followed := _followed(case.application, shown):
            found.followed.append(followed)
    return found


async def _open(office: Office, realm: str, campaign: str) -> AsyncIterator[StoredCase]:
    page: list[str] = []
    async for case in office.reading.open_applications(realm, campaign):
        page.append(case)
        if len(page) == PAGE:
            for stored in (await office.reading.stored_among(page)).values():
                yield stored
            page = []
            await asyncio.sleep(0)
    if page:
        for stored in (await office.reading.stored_among(page)).values():
            yield stored


def _followed(application: str, shown: Preview) -> Followed | None:
    moved = tuple(item for item in shown.clocks if _ends(item.before) != _ends(item.after))
    letters = tuple(letter.kind.value for letter in shown.letters)
    if not (moved or letters or shown.refusals):
        return None
    return Followed(application, moved, letters, shown.refusals)


def _published(case: Case, policy: Policy, calendar: Calendar) -> Published:
    """The rules and the calendar as the case would load them."""
    return Published(
        policy=policy.for_case(case.route, case.level), calendar=of_a_season(calendar, policy)
    )


def _ends(clock: Any) -> Any:
    return clock.ends_at if clock is not None else None


def _days(moved: Moved) -> int:
    """By how many days a clock ends later; 0 for one that begins or ends altogether."""
    if moved.before is None or moved.after is None:
        return 0
    return (moved.after.ends_on - moved.before.ends_on).days
