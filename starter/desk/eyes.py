"""Whoever reads, looking at a case."""

from __future__ import annotations

from activities.eyes import Eyes
from activities.seeing import Circle, circle_of_case
from activities.views import CaseView
from starter.desk.office import Office, Who
from workflows.application.messages import StoredCase
from workflows.writer.messages import Actor


async def eyes_of(
    office: Office,
    who: Who | Actor,
    case: CaseView,
    stored: StoredCase | None = None,
) -> Eyes:
    """What of a case is for whoever reads.

    Args:
        who: somebody named, or the actor that the directory gave for this very request.
        stored: the case as its last step left it, where it was read already.

    Raises:
        NoAnswer: `not_entitled` where the directory gives no right.
    """
    actor = who if isinstance(who, Actor) else await _actor(office, who, case)
    policy = await office.reading.policy(case.campaign, case.policy_version, case.realm)
    stored = stored or await office.reading.stored(case.application)
    circle = circle_of_case(case, policy) if policy else Circle(applicants=(case.person,))
    return Eyes(actor, circle, stored.case if stored else None)


async def _actor(office: Office, who: Who, case: CaseView) -> Actor:
    at = await office.time_in(await office.realm(case.realm))
    return await office.actor(who, case.realm, at, case)
