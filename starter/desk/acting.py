"""One act of one person on a case or a meeting: who and when, what is kept of it, and the sending.

An act is first *meant* (who, when, what), which leaves no trace and is what a preview shows; then
*kept*, its free text in the database; then *sent*. Whoever may be interrupted stores the kept act
before sending it and sends that same act again (decision 0030): its time and its request id are its
own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from activities.meeting_views import MeetingView
from activities.views import CaseView, RealmView
from starter.desk.ids import meeting_id
from starter.desk.office import Office, Who
from starter.desk.refusing import Door, not_found, refused
from starter.desk.returning import worded
from starter.desk.stating import with_texts_stored
from starter.desk.uploading import check_own
from workflows.application.case import Receipt
from workflows.application.messages import Preview
from workflows.application.preview import preview
from workflows.meeting.messages import MeetingReceipt, OpenMeetingRun
from workflows.writer.messages import Act
from workflows.writer.payloads import Payload

Stated = dict[str, Any]
SHEETS = ("tallies", "opinions")
"""Fields of a payload that have a row for each candidate."""


async def meant(
    office: Office,
    realm: RealmView,
    who: Who,
    stated: Mapping[str, Any],
    *,
    case: CaseView | None = None,
    acted_at: datetime | None = None,
    request_id: str = "",
) -> Act:
    """An act as it would be done now: nothing is stored of it.

    Args:
        case: which it is on, where it is on one: nobody acted on it before it was submitted.
        acted_at: a time that was stated for it; rehearsals alone take one.

    Raises:
        NoAnswer: `not_entitled`, or a time that may not be stated.
        StatedError: an item of a return names a usual defect that nobody knows.
    """
    at = await office.stamp(realm, acted_at, case.submitted_at if case else None)
    actor = await office.actor(who, realm.id, at, case)
    payload = await worded(office, case, stated) if case else dict(stated)
    return Act(request_id=request_id, actor=actor, acted_at=at, payload=payload)


async def kept(office: Office, model: type[Payload], act: Act) -> Act:
    """The act as it is sent, its free texts stored and replaced by their references.

    Raises:
        Refused: `payload_too_large`, before anything is stored.
        StatedError: it names a file that is not its actor's own.
    """
    await check_own(office, model, act)
    payload = await with_texts_stored(model, act.payload, office.intake.store_text)
    return act.model_copy(update={"payload": payload})


async def previewed(office: Office, case: CaseView, action: str, act: Act) -> Preview:
    """What the act would do to the case as the record has it, decided without a trace.

    Raises:
        NoAnswer: the case left no state.
    """
    stored = await office.reading.stored(case.application)
    if stored is None or act.acted_at is None:
        raise not_found(f"申报“{case.application}”没有可供预览的记录。", "请直接办理。")
    return preview(stored.case, action, act, act.acted_at)


async def sent(office: Office, case: CaseView, action: str, act: Act) -> Receipt:
    """Send a kept act to its case and wait for the answer.

    Raises:
        NoAnswer: the case refused it. `UnknownError`: perhaps done, perhaps not.
    """
    gateway = await office.engine.cases()
    shift = await office.shift_in(await office.realm(case.realm))
    async with office.telling(case.realm):
        return await gateway.act(
            case.application, action, act, realm=case.realm, shift_seconds=shift
        )


async def signalled(office: Office, case: CaseView, action: str, act: Act) -> None:
    """Send a kept act to its case without waiting; a refusal comes to its sender by letter.

    Raises:
        NoAnswer: `already_decided`: no signal reaches a closed case.
    """
    if await office.is_closed(case):
        raise refused(
            "already_decided",
            "申报已经办结，信号送不到。",
            next_step="请等候答复。",
            door=Door.WAIT,
        )
    await (await office.engine.cases()).signal(case.application, action, act)


async def sent_to_meeting(
    office: Office, meeting: MeetingView, action: str, act: Act
) -> MeetingReceipt:
    """Send a kept act to its meeting and wait for the answer.

    Raises:
        NoAnswer: the meeting refused it. `UnknownError`: perhaps done, perhaps not.
    """
    gateway = await office.engine.meetings()
    shift = await office.shift_in(await office.realm(meeting.realm))
    async with office.telling(meeting.realm):
        return await gateway.act(
            meeting.meeting, action, act, realm=meeting.realm, shift_seconds=shift
        )


async def planned(office: Office, realm: RealmView, act: Act) -> MeetingReceipt:
    """Start a meeting with its kept plan; the same request is the same meeting.

    Raises:
        NoAnswer: it was refused. `UnknownError`: perhaps done, perhaps not.
    """
    opening = OpenMeetingRun(
        meeting=meeting_id(realm.id, act.request_id),
        realm=realm.id,
        shift_seconds=await office.shift_in(realm),
    )
    gateway = await office.engine.meetings()
    async with office.telling(realm.id):
        return await gateway.plan(opening, act)


async def meeting_of(office: Office, reference: str, realm: str | None = None) -> MeetingView:
    """The meeting that its number, its id, or a part of the id means.

    Raises:
        NoAnswer: none.
        AmbiguousReferenceError: several.
    """
    meeting = await office.reading.resolve_meeting(reference, realm)
    found = await office.reading.meeting(meeting, realm) if meeting else None
    if found is None:
        raise not_found(f"没有评审会“{reference}”。", "请核对编号。", door=Door.MEETINGS)
    return found


async def resolved(office: Office, realm: str, body: Mapping[str, Any]) -> Stated:
    """What is stated with applications by their ids, whatever part of one was typed.

    Raises:
        NoAnswer: a reference means no application of the realm, or several.
    """

    async def one(reference: str) -> str:
        return (await office.case(reference, realm)).application

    async def rows(items: Iterable[Mapping[str, Any]]) -> list[Stated]:
        return [await resolved(office, realm, item) for item in items]

    found: Stated = {}
    for key, value in body.items():
        if key == "application" and isinstance(value, str):
            found[key] = await one(value)
        elif key == "applications" and isinstance(value, list | tuple):
            found[key] = [await one(str(item)) for item in value]
        elif key in SHEETS and isinstance(value, list):
            found[key] = await rows(value)
        else:
            found[key] = list(value) if isinstance(value, tuple) else value
    return found
