"""Who stands on a meeting's list, and what is heard of them from outside the meeting."""

from __future__ import annotations

from asyncpg import Record

from activities.meetings.seating import check_not_seated, note_conflicts
from activities.meetings.working import ROWS_SECONDS, SQL, Changed, Working, about
from workflows.meeting.messages import Defer, FreeAll, ListCandidates, NoteNews
from workflows.rules.committee import ART_19
from workflows.rules.refusals import Code, Refusal, Refused, refuse

ART_7 = "40号令 第7条"
FINAL = ("confirmed", "replied", "filed")
"""Standings that no later news changes."""
MAY_BE_HELD = ("collected", "posted", "drafted", "released")


async def list_candidates(work: Working, change: ListCandidates) -> Changed:
    """Put those named, or all of the campaign who wait with this office, on the list.

    Who came after the draw is compared with the experts drawn before. All who wait are those of the
    levels the committee may judge.

    Raises:
        Refused: for each one named `not_found`, `already_decided`, `wrong_stage`, `already_open`
            (on another list) or `level_not_handled`; `recused` for each who sits in the meeting;
            `not_found` where nobody is left to be listed.
    """
    connection, step = work.connection, work.step
    # Two meetings planned at once must not list the same person: one looks after the other.
    await connection.execute(SQL["lock_list"], step.realm, change.campaign)
    named = list(change.applications) or None
    if named:
        await _check_named(work, change)
    own = await connection.fetchval(SQL["destination"], change.campaign, step.realm)
    listed = await connection.fetch(
        SQL["list"],
        work.meeting,
        step.realm,
        change.campaign,
        change.office,
        named,
        own == "own",
        step.recorded_at,
        step.seq,
        list(change.levels) or None,
        timeout=ROWS_SECONDS,
    )
    if not listed:
        raise refuse(Code.NOT_FOUND, step.clause, what="candidates")
    applications = [row["application"] for row in listed]
    await check_not_seated(work, applications)
    await note_conflicts(work, work.seats, applications)
    return Changed(counted=len(listed))


async def _check_named(work: Working, change: ListCandidates) -> None:
    rows = await work.connection.fetch(
        SQL["named"],
        list(change.applications),
        work.step.realm,
        change.campaign,
        change.office,
    )
    found = [_why_not(row, work.step.clause) or _beyond(row, change.levels) for row in rows]
    reasons = [reason for reason in found if reason is not None]
    if reasons:
        raise Refused(*reasons)


def _why_not(row: Record, clause: str) -> Refusal | None:
    application = row["id"]
    if not row["known"]:
        return about(Code.NOT_FOUND, clause, application, what="application")
    if row["end_name"] is not None:
        return about(Code.ALREADY_DECIDED, clause, application, end=row["end_name"])
    if row["stage"] != "awaiting_meeting":
        return about(Code.WRONG_STAGE, clause, application, stage=row["stage"])
    if row["number"] is not None:
        return about(
            Code.ALREADY_OPEN, clause, application, meeting=row["number"], reason="meeting"
        )
    if not row["held_here"]:
        return about(Code.NOT_FOUND, clause, application, what="application")
    return None


def _beyond(row: Record, levels: tuple[str, ...]) -> Refusal | None:
    level = row["level"]
    if not levels or level in levels:
        return None
    return about(Code.LEVEL_NOT_HANDLED, ART_7, row["id"], level=level, reason="committee")


async def defer(work: Working, change: Defer) -> Changed:
    """One candidate is not judged at this meeting; what was counted of it is dropped.

    Raises:
        Refused: `not_on_list`, also after the results were signed.
    """
    done = await work.change("defer", change.application, change.why)
    if not done:
        raise Refused(about(Code.NOT_ON_LIST, ART_19, change.application))
    return Changed(counted=done)


async def free_all(work: Working, change: FreeAll) -> Changed:
    """The meeting is cancelled: everybody on its list waits for another.

    Whose review it had opened is deferred, also by an act before this: the case gets that as its
    result; all others leave the meeting. What was counted is dropped.
    """
    del change
    freed = await work.change("free_all")
    await work.change("seal_deferred")
    return Changed(counted=freed)


async def note_news(work: Working, change: NoteNews) -> Changed:
    """A case is held, released or gone; it moves nobody but itself.

    `counted` is 1 where a row changed, or where a released case still has to be told its result.
    News of somebody unknown here changes nothing.
    """
    application = change.application
    row = await work.connection.fetchrow(SQL["candidate_for_news"], work.meeting, application)
    if row is None:
        return Changed()
    standing = row["standing"]
    if change.news == "held":
        held = standing in MAY_BE_HELD
        return Changed(counted=await work.change("hold", application) if held else 0)
    if change.news == "released":
        return Changed(counted=await _release(work, change, row))
    gone = standing not in (*FINAL, "out") and _still_concerns(row)
    return Changed(
        counted=await work.change("is_gone", application, change.end or "gone") if gone else 0
    )


async def _release(work: Working, change: NoteNews, row: Record) -> int:
    # Noted also where nothing is held yet: the refusal that would hold it may be on its way.
    if row["standing"] in (*MAY_BE_HELD, "held"):
        await work.change("release", change.application, change.on, work.sent, work.unposted)
    untold = row["in_review"] and not row["told"] and row["outcome"] is not None
    sealed = row["batch"] is not None or row["state"] == "deferred"
    return int(row["standing"] == "held" or (untold and sealed))


def _still_concerns(row: Record) -> bool:
    """A deferred candidate who went back to wait concerns this meeting no more."""
    if row["state"] == "deferred":
        return not row["freed"] and not row["told"]
    return bool(row["state"] != "off")
