"""Short lives of applications: one for each end and each route, told by the season's date-times."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError

from tests.workflow.season import APPLICANT, CITY_OFFICE, OFFICE, PLACES, Season, member
from workflows.writer.messages import Actor

Script = Callable[[Season], Awaitable[object]]

OPENS = "2024-10-10T09:00:00"
UNIT, CLERK, CITY = member("unit"), member(OFFICE), member(CITY_OFFICE)
STRANGER = Actor(person="visitor-1")
ITEMS = [{"id": "1", "text": "text-1"}]
AGAIN = [{"text": "text-2", "refers_to": "1"}]


@dataclass(frozen=True)
class Story:
    """One application's life. `hasty`: on an engine that suggests continue-as-new early."""

    script: Script
    route: str = "city_unit"
    facts: dict[str, Any] = field(default_factory=dict)
    hasty: bool = False


async def to_chain(season: Season) -> None:
    """Submitted on 2024-10-10 and publicised; with the first of its superiors on 2024-10-18."""
    await season.submit()
    await season.act("start_publicity", UNIT)
    await season.until("2024-10-18T10:00:00")
    await season.act("finish_publicity", UNIT)


async def up(season: Season, route: str = "city_unit") -> None:
    """At the committee on 2024-10-22."""
    await to_chain(season)
    for place in PLACES[route][1:-1]:
        await season.act("approve", member(place.organisation))
    await season.until("2024-10-22T10:00:00")
    await season.act("approve", member(PLACES[route][-1].organisation))


async def to_meeting(season: Season, route: str = "city_unit") -> None:
    """Paid, and the meeting of 2024-12-06 is open."""
    await up(season, route)
    await season.act("accept", CLERK)
    await season.until("2024-11-13T10:00:00")
    paid_at = "2024-11-13T09:00:00+08:00"
    await season.act("record_payment", CLERK, transaction="t-1", yuan=420, paid_at=paid_at)
    await season.act("assign_to_meeting", CLERK, meeting="m", meeting_on="2024-12-06")
    await season.until("2024-12-06T10:00:00")
    await season.act("open_review", CLERK)


async def to_posting(season: Season, result: str = "passed", route: str = "city_unit") -> None:
    """The result is posted (told) on 2024-12-10."""
    await to_meeting(season, route)
    await season.act("record_result", CLERK, result=result, meeting_ended_on="2024-12-06")
    await season.act("report_results", CLERK)
    await season.until("2024-12-10T10:00:00")
    await season.act("post_results", CLERK)


async def to_confirmation(season: Season, route: str = "city_unit") -> None:
    """Confirmed on 2024-12-31."""
    await to_posting(season, route=route)
    await season.until("2024-12-18T10:00:00")
    await season.act("send_for_confirmation", CLERK)
    await season.until("2024-12-31T10:00:00")
    await season.act("confirm", CITY, issued_on="2024-12-31", number="示例1号")


async def completed(season: Season) -> None:
    """Everything after confirmation, to the end of the 复查 window."""
    await to_confirmation(season, "district_unit")
    await season.act("forward_confirmation", member("district"))
    await season.act("confirm_printed", APPLICANT)
    await season.act("confirm_archived", UNIT, copy_in="unit")
    await season.act("confirm_archived", UNIT, copy_in="personal")
    await season.until("2025-03-07T00:10:00")


async def not_passed(season: Season) -> None:
    """Told, confirmed with its meeting, 复查 upheld."""
    await to_posting(season, "not_passed")
    await season.until("2024-12-31T10:00:00")
    await season.act("confirm", CITY, issued_on="2024-12-31", number="示例1号")
    await season.act("request_recheck", APPLICANT, text="text-1")
    await season.until("2025-01-13T10:00:00")
    await season.act("decide_recheck", CLERK, decision="upheld", reason="text-2")
    await season.until("2025-03-07T00:10:00")


async def ineligible(season: Season) -> None:
    """Refused at once, with all reasons."""
    try:
        await season.submit()
    except WorkflowUpdateFailedError:
        return
    raise AssertionError("the submission was taken in")


async def withdrawn(season: Season) -> None:
    """Taken back by the applicant."""
    await season.submit()
    await season.act("withdraw", APPLICANT, reason="text-1")


async def abandoned(season: Season) -> None:
    """Silence in the unit's correction."""
    await season.submit()
    await season.act("return_for_correction", UNIT, items=ITEMS, days=2)
    await season.until("2024-10-13T00:05:00")


async def reinstated(season: Season) -> None:
    """Silence, then proof that the act was in time; the case goes on and is withdrawn."""
    await abandoned(season)
    await season.act("resubmit", APPLICANT, acted_at="2024-10-12T23:59:00")
    await season.act("withdraw", APPLICANT, reason="text-1")


async def opened_again(season: Season) -> None:
    """Closed for good, and then a complaint reaches it: opened once more from the record."""
    await abandoned(season)
    await season.until("2024-10-17T00:05:00")
    await season.handle.result()
    await season.reach("file_complaint", STRANGER, text="text-1")


async def not_recommended(season: Season) -> None:
    """The unit says no."""
    await season.submit()
    await season.act("decline_recommendation", UNIT, reason="text-1")


async def rejected_by_chain(season: Season) -> None:
    """The department says no, after one correction."""
    await to_chain(season)
    department = member("department")
    await season.act("return_for_correction", department, items=ITEMS, days=2)
    await season.act("resubmit", APPLICANT)
    await season.act("reject", department, reason="text-2")


async def not_accepted(season: Season) -> None:
    """不予受理."""
    await up(season)
    await season.act("refuse", CLERK, ground="out_of_scope", reason="text-1")


async def audit_failed(season: Season) -> None:
    """Two corrections at the committee, and the third submission still fails."""
    await up(season)
    for items in (ITEMS, AGAIN):
        await season.act("return_for_correction", CLERK, items=items, days=3)
        await season.act("resubmit", APPLICANT)
    await season.act("fail_audit", CLERK, reason="text-4")


async def lapsed(season: Season) -> None:
    """Still with its superior when the window for committees closes."""
    await to_chain(season)
    await season.until("2024-11-09T00:05:00")


async def payment_missed(season: Season) -> None:
    """Accepted and never paid."""
    await up(season)
    await season.act("accept", CLERK)
    await season.until("2024-11-16T00:05:00")


async def disqualified(season: Season) -> None:
    """Eligibility lost on the way."""
    await up(season)
    await season.act("accept", CLERK)
    await season.act("disqualify", CLERK, clause="LC 一", reason="text-1")


async def terminated(season: Season) -> None:
    """A complaint in review, substantiated after the applicant was heard."""
    await to_meeting(season)
    await season.act("file_complaint", STRANGER, text="text-1")
    await season.act("respond_to_inquiry", APPLICANT, text="text-2")
    await season.act("conclude_inquiry", CLERK, outcome="substantiated", reason="text-3")


async def cancelled_by_objection(season: Season) -> None:
    """An objection in the publicity of results, substantiated."""
    await to_posting(season)
    await season.act("raise_objection", STRANGER, text="text-1")
    await season.act("respond_to_inquiry", APPLICANT, text="text-2")
    await season.act("conclude_inquiry", CLERK, outcome="substantiated", reason="text-3")


async def revoked(season: Season) -> None:
    """A title withdrawn."""
    await to_confirmation(season)
    await season.act("revoke", CITY, reason="text-1", fraud=True)


async def longest(season: Season) -> None:
    """Every detour the notices allow, each once or as often as they allow it."""
    await season.submit()
    await season.act("return_for_correction", UNIT, items=ITEMS, days=2)
    await season.act("resubmit", APPLICANT)
    await season.act("start_publicity", UNIT)
    await season.act("raise_objection", STRANGER, text="text-1")
    await season.until("2024-10-18T10:00:00")
    await season.act("respond_to_inquiry", APPLICANT, text="text-2")
    await season.act("conclude_inquiry", UNIT, outcome="unfounded", reason="text-3")
    await season.act("finish_publicity", UNIT)
    for place in ("department", "district"):
        await season.act("return_for_correction", member(place), items=ITEMS, days=2)
        await season.act("resubmit", APPLICANT)
        await season.act("approve", member(place))
    await season.until("2024-10-22T10:00:00")
    for items in (ITEMS, AGAIN):
        await season.act("return_for_correction", CLERK, items=items, days=3)
        await season.act("resubmit", APPLICANT)
    await season.act("accept", CLERK)
    await season.until("2024-11-13T10:00:00")
    paid_at = "2024-11-13T09:00:00+08:00"
    await season.act("record_payment", CLERK, transaction="t-1", yuan=420, paid_at=paid_at)
    await season.act("assign_to_meeting", CLERK, meeting="m", meeting_on="2024-12-06")
    await season.act("file_complaint", STRANGER, text="text-1")
    await season.act("respond_to_inquiry", APPLICANT, text="text-2")
    await season.act("conclude_inquiry", CLERK, outcome="unfounded", reason="text-3")
    await season.until("2024-12-06T10:00:00")
    await season.act("open_review", CLERK)
    await season.act("record_result", CLERK, result="passed", meeting_ended_on="2024-12-06")
    await season.act("report_results", CLERK)
    await season.until("2024-12-10T10:00:00")
    await season.act("post_results", CLERK)
    await season.act("raise_objection", STRANGER, text="text-1")
    await season.act("respond_to_inquiry", APPLICANT, text="text-2")
    await season.until("2024-12-18T10:00:00")
    await season.act("conclude_inquiry", CLERK, outcome="unfounded", reason="text-3")
    await season.act("send_for_confirmation", CLERK)
    await season.act("send_back", CITY, reason="text-1")
    await season.act("send_for_confirmation", CLERK)
    await season.until("2024-12-31T10:00:00")
    await season.act("confirm", CITY, issued_on="2024-12-31", number="示例1号")
    await season.act("request_recheck", APPLICANT, text="text-1")
    await season.until("2025-01-13T10:00:00")
    await season.act("decide_recheck", CLERK, decision="upheld", reason="text-2")
    await season.act("forward_confirmation", member("district"))
    await season.act("confirm_printed", APPLICANT)
    await season.act("confirm_archived", UNIT, copy_in="unit")
    await season.act("confirm_archived", UNIT, copy_in="personal")
    await season.until("2025-03-07T00:10:00")


def by(route: str) -> Story:
    """A route to the committee, withdrawn there: the ways up are what differs."""

    async def script(season: Season) -> None:
        await up(season, route)
        await season.act("withdraw", APPLICANT, reason="text-1")

    return Story(script, route)


STORIES: dict[str, Story] = {
    "end-completed": Story(completed, "district_unit"),
    "end-not-passed": Story(not_passed),
    "end-ineligible": Story(ineligible, facts={"civil_servant": True}),
    "end-withdrawn": Story(withdrawn),
    "end-abandoned": Story(abandoned),
    "end-not-recommended": Story(not_recommended),
    "end-rejected-by-chain": Story(rejected_by_chain),
    "end-not-accepted": Story(not_accepted),
    "end-audit-failed": Story(audit_failed),
    "end-lapsed": Story(lapsed),
    "end-payment-missed": Story(payment_missed),
    "end-disqualified": Story(disqualified),
    "end-terminated": Story(terminated),
    "end-cancelled-by-objection": Story(cancelled_by_objection),
    "end-revoked": Story(revoked),
    "reinstated": Story(reinstated),
    "opened-again": Story(opened_again),
    "route-private-archive-here": by("private_archive_here"),
    "route-private-archive-elsewhere": by("private_archive_elsewhere"),
    "route-freelancer": by("freelancer"),
    "route-resident-branch": by("resident_branch"),
    "continued-as-new": Story(completed, "district_unit", hasty=True),
}
"""By the name of the history file."""

CLOSING = ("2024-10-17", "2024-10-31", "2024-12-20", "2025-01-20", "2025-05-01")


async def to_close(season: Season) -> None:
    """Move on until the case is closed for good.

    Raises:
        AssertionError: it never closes.
    """
    for day in CLOSING:
        for _ in range(20):
            described = await season.handle.describe()
            if described.status is not WorkflowExecutionStatus.RUNNING:
                return
            await asyncio.sleep(0.05)
        await season.until(f"{day}T12:00:00")
    raise AssertionError(f"{season.id} does not close")
