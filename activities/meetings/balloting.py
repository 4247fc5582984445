"""The meeting itself in rows: on the ballot, opinions, the two counts, the seal (40号令 art 19-22)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from asyncpg import Record

from activities.meetings.working import EXAMPLES, SQL, Changed, Working, about
from activities.second_person import side_of
from workflows.meeting.messages import (
    Count,
    CountBallots,
    NoteOpinion,
    NoteOpinions,
    OpenBallot,
    SealResults,
)
from workflows.meeting.payloads import Opinion, Tally
from workflows.meeting.sheets import counts_of, opinions_of
from workflows.rules.ballot import (
    Totals,
    can_be_voted_on,
    check_group,
    check_totals,
    result_of,
    voters_on,
)
from workflows.rules.committee import ART_19, ART_20, ART_21, ART_22
from workflows.rules.refusals import Code, Refusal, Refused, refuse

COUNTED = tuple(Totals.model_fields)


async def open_ballot(work: Working, change: OpenBallot) -> Changed:
    """Everybody listed goes on the ballot; with too few voters left one is deferred (A34).

    Raises:
        Refused: `not_found` where nobody can be voted on.
    """
    rows = await work.connection.fetch(SQL["listed"], work.meeting)
    ballot: list[str] = []
    short: list[str] = []
    for row in rows:
        voters = voters_on(change.present, row["recused"])
        (ballot if can_be_voted_on(change.drawn, voters) else short).append(row["application"])
    if not ballot:
        raise refuse(Code.NOT_FOUND, ART_19, what="candidates")
    await work.change("too_few_voters", short)
    return Changed(counted=await work.change("put_on_ballot", ballot))


async def note_opinions(work: Working, change: NoteOpinions) -> Changed:
    """A sheet of written opinions, each by three experts or more who may judge (art 21).

    Raises:
        Refused: all reasons of the sheet: `not_on_list`, `group_too_small`, `not_a_member`,
            `recused`.
    """
    opinions = change.opinions
    if change.sheet:
        kept = await work.kept_rows(change.sheet, Opinion)
        opinions = opinions_of(kept, change.group, change.experts)
    rows = await _rows(work, (item.application for item in opinions))
    refusals: list[Refusal] = []
    for item in opinions:
        row = rows.get(item.application)
        if row is None or row["state"] not in ("on_ballot", "balloted"):
            refusals.append(about(Code.NOT_ON_LIST, ART_21, item.application))
        else:
            refusals += _wrong_group(item, change.present, row["recused"])
    if refusals:
        raise Refused(*refusals)
    noted = {  # the last one that is stated of a candidate counts
        item.application: {
            "application": item.application,
            "text": item.text,
            "experts": sorted(set(item.experts)),
            "group": item.group,
        }
        for item in opinions
    }
    sheet = json.dumps([*noted.values()])
    await work.change("note_opinions", sheet)
    return Changed(counted=len(opinions))


def _wrong_group(
    item: NoteOpinion, present: Iterable[str], recused: Iterable[str]
) -> list[Refusal]:
    try:
        check_group(item.experts, tuple(present), tuple(recused))
    except Refused as err:
        return [_on(item.application, reason) for reason in err.reasons]
    return []


async def count_ballots(work: Working, change: CountBallots) -> Changed:
    """A counting sheet: a first entry is kept, the same by another human makes it count (art 20).

    `counted` is how many totals became final.

    Raises:
        Refused: `identity_unknown` where nobody knows which human enters it; else all reasons of
            the sheet, of which nothing is kept then: `not_entitled` for one's own, `not_on_list`,
            `already_decided`, `quorum_short`, `ballot_out_of_range`, `second_person_required`,
            `ballot_disagrees` (in which of the votes, not the numbers).
    """
    counts = change.counts
    if change.sheet:
        counts = counts_of(await work.kept_rows(change.sheet, Tally))
    rows = await _rows(work, (item.application for item in counts))
    sides = await _sides(work, {change.by, *(row["first_by"] for row in rows.values())})
    if not sides[change.by]:
        raise refuse(Code.IDENTITY_UNKNOWN, ART_20, person=change.by)
    firsts: list[Count] = []
    seconds: list[tuple[Count, str]] = []
    refusals: list[Refusal] = []
    for item in counts:
        row = rows.get(item.application)
        try:
            outcome = _count(item, row, change, sides)
        except Refused as err:
            refusals += [_on(item.application, reason) for reason in err.reasons]
            continue
        if outcome:
            seconds.append((item, outcome))
        else:
            firsts.append(item)
    if refusals:
        raise Refused(*refusals)
    await _keep(work, "first_counts", change.by, [_row(item) for item in firsts])
    counted = [_row(item) | {"outcome": outcome} for item, outcome in seconds]
    await _keep(work, "second_counts", change.by, counted)
    return Changed(counted=len(seconds))


async def _keep(work: Working, statement: str, by: str, rows: list[dict[str, Any]]) -> None:
    """One statement for all rows: one a row would write two thousand chains' ends one by one."""
    if rows:
        await work.change(statement, json.dumps(rows), by)


def _row(item: Count) -> dict[str, Any]:
    return {"application": item.application, "totals": item.totals.model_dump(mode="json")}


async def _sides(work: Working, people: Iterable[str]) -> dict[str, frozenset[bytes]]:
    """Who counts as one with each of them today: a deputy does not count a supervisor's votes again."""
    step = work.step
    office = step.actor.organisation if step.actor else ""
    return {
        name: await side_of(work.connection, name, office, step.realm, step.acted_at)
        for name in people
    }


def _count(
    item: Count, row: Record | None, change: CountBallots, sides: Mapping[str, frozenset[bytes]]
) -> str:
    """The outcome where this entry makes the total count; empty where it is the first entry."""
    if row is None or row["state"] not in ("on_ballot", "balloted"):
        raise refuse(Code.NOT_ON_LIST, ART_20)
    if row["state"] == "balloted":
        raise refuse(Code.ALREADY_DECIDED, ART_20)
    if row["applicant"] in sides[change.by]:
        raise refuse(Code.NOT_ENTITLED, ART_20, action="enter_ballots")
    voters = voters_on(change.present, row["recused"])
    check_totals(item.totals, voters, change.drawn)
    if row["first"] is None:
        return ""
    first = Totals.model_validate_json(row["first"])
    first_by = sides[row["first_by"]]
    if not first_by or first_by & sides[change.by]:
        if first == item.totals:
            raise refuse(Code.SECOND_PERSON_REQUIRED, ART_20, reason="count")
        return ""  # who counted first may correct the own entry
    differs = [name for name in COUNTED if getattr(first, name) != getattr(item.totals, name)]
    if differs:
        raise refuse(Code.BALLOT_DISAGREES, ART_20, differs="、".join(differs))
    return result_of(item.totals, voters).value


async def seal_results(work: Working, change: SealResults) -> Changed:
    """The results are signed: they become the first batch, the deferred get that as their result.

    Raises:
        Refused: `ballot_open` with the number and examples: candidates without a final count
            (reason `count`), without an opinion (`opinion`), or whose case did not open its
            review (`review`); `not_found` where there is nothing to sign.
    """
    await _check_finished(work)
    collected = await work.change("seal", change.batch)
    await work.change("seal_deferred")
    if not collected and not await work.connection.fetchval(SQL["deferred"], work.meeting):
        raise refuse(Code.NOT_FOUND, ART_22, what="candidates")
    return Changed(counted=collected)


async def _check_finished(work: Working) -> None:
    rows = await work.connection.fetch(SQL["unfinished"], work.meeting)
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["reason"], []).append(row["application"])
    if found:
        raise Refused(*(_unfinished(reason, names) for reason, names in found.items()))


def _unfinished(reason: str, applications: list[str]) -> Refusal:
    examples = "、".join(applications[:EXAMPLES])
    params = {"reason": reason, "number": str(len(applications)), "examples": examples}
    return Refusal(code=Code.BALLOT_OPEN, clause=ART_22, params=params)


async def _rows(work: Working, applications: Iterable[str]) -> dict[str, Record]:
    rows = await work.connection.fetch(SQL["judged_rows"], work.meeting, list(applications))
    return {row["application"]: row for row in rows}


def _on(application: str, reason: Refusal) -> Refusal:
    return reason.model_copy(update={"params": {"application": application} | reason.params})
