"""What somebody typed in a form, kept by its request id until it is done or given up."""

from __future__ import annotations

from activities.pending_acts import PendingAct, PendingActs
from starter.console.fields import Typed
from starter.console.pages import Visit

OWN = ("person", "organisation", "realm", "subject")


def acts_of(visit: Visit) -> PendingActs:
    """Where such acts are kept."""
    return PendingActs(visit.house.office.pool, visit.house.office.identity)


def typed_act(
    visit: Visit, request: str, subject: str, action: str, typed: Typed, *, seen_seq: int = 0
) -> PendingAct:
    """An act as this very person typed it, under this very hat."""
    me = visit.me
    return PendingAct(
        id=request,
        account=me.session.account,
        person=me.person,
        organisation=me.organisation,
        realm=me.realm.id,
        subject=subject,
        action=action,
        seen_seq=seen_seq,
        typed=typed,
    )


async def own_act(visit: Visit, request: str, subject: str, action: str = "") -> PendingAct:
    """What this very person typed under a request id, under this very hat.

    Args:
        action: which act it has to be; any of the subject's where none is given.

    Raises:
        HTTPException: 404.
    """
    found = await acts_of(visit).find(request, visit.me.session.account)
    same = typed_act(visit, request, subject, action, {})
    known = (*OWN, "action") if action else OWN
    if found is None or any(getattr(found, name) != getattr(same, name) for name in known):
        visit.nothing()
    return found
