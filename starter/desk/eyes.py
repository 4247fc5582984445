"""Whoever reads, looking at a case."""

from __future__ import annotations

from activities.eyes import Eyes
from activities.seeing import Circle, circle_of_case
from activities.views import CaseView
from starter.desk.office import Office, Who
from workflows.application.messages import StoredCase


async def eyes_of(
    office: Office, who: Who, case: CaseView, stored: StoredCase | None = None
) -> Eyes:
    """What of a case is for whoever reads.

    Args:
        stored: the case as its last step left it, where it was read already.

    Raises:
        NoAnswer: `not_entitled` where the directory gives no right.
    """
    at = await office.time_in(await office.realm(case.realm))
    actor = await office.actor(who, case.realm, at, case)
    policy = await office.reading.policy(case.campaign, case.policy_version, case.realm)
    stored = stored or await office.reading.stored(case.application)
    circle = circle_of_case(case, policy) if policy else Circle(applicants=(case.person,))
    return Eyes(actor, circle, stored.case if stored else None)
