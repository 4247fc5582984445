"""The data of a batch's papers: result list, report, draft and issued 确认通知, 函复."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from activities.papers.batch_facts import LEVELS, BatchFacts, BatchRow
from activities.papers.masking import masking
from activities.papers.words import day_zh, days_zh, envelope, signed, span_zh
from activities.wording import label
from workflows.meeting.meeting import Draw
from workflows.rules.names import Result
from workflows.rules.papers import PaperKind, SealOf
from workflows.rules.refusals import Code, refuse

LISTED = "职称资格确认人员名单"


def result_list(facts: BatchFacts) -> dict[str, Any]:
    """评审结果公示: who passed, until when anybody may object, and where."""
    passed = [row for row in facts.rows if row.passed]
    publicity = facts.batch.publicity
    return _paper(facts, PaperKind.RESULT_LIST, facts.office) | {
        "title": f"{facts.subject}评审结果公示",
        "subject": facts.subject,
        "committee": facts.committee,
        "days": days_zh(_days(facts)),
        "count": len(passed),
        "posted": span_zh(publicity.posted_on, publicity.ends_on) if publicity else "",
        "supplementary": facts.batch.supplementary,
        "contact": facts.contact,
        "rows": _people(PaperKind.RESULT_LIST, passed),
        "sign": signed(
            facts.name_of(facts.office),
            publicity.posted_on if publicity else facts.told_on,
            SealOf.OFFICE,
        ),
    }


def review_report(facts: BatchFacts) -> dict[str, Any]:
    """评审情况报告 to 市职改办: the meeting in numbers, the totals by level and by candidate."""
    rule = masking()
    return _paper(facts, PaperKind.REVIEW_REPORT, facts.office) | {
        "title": f"关于{facts.subject}评审情况的报告",
        "to": facts.name_of(facts.city_office),
        "subject": facts.subject,
        "meeting": facts.number,
        "batch": facts.batch.number,
        "supplementary": facts.batch.supplementary,
        "committee": facts.committee,
        "days": days_zh(_days(facts)),
        "ended_on": day_zh(facts.ended_on),
        "drawn": facts.drawn,
        "present": facts.present,
        "quorum": facts.quorum,
        "draws": [_drawn(draw) for draw in facts.draws],
        "earlier_draws": facts.earlier_draws,
        "summary": _summary(facts),
        "deferred": facts.deferred,
        "rows": [
            [
                str(number),
                rule.apply(PaperKind.REVIEW_REPORT, "name", row.name),
                row.unit,
                row.profession,
                label("levels", row.level),
                str(row.yes),
                str(row.no),
                str(row.abstain),
                label("results", row.outcome),
            ]
            for number, row in enumerate(facts.rows, 1)
        ],
        "sign": signed(
            facts.name_of(facts.office), facts.batch.reported_on or facts.told_on, SealOf.OFFICE
        ),
    }


def _drawn(draw: Draw) -> dict[str, str]:
    """One draw of the experts: by whom it was asked for is not said, how it is repeated is."""
    made = draw.made
    return {
        "number": str(draw.number),
        "on": day_zh(draw.on),
        "reason": draw.reason,
        "given_up": draw.given_up,
        "pool": made.pool if made else "",
        "commitment": draw.commitment.digest,
        "random": made.random if made else "",
        "value": made.value if made else "",
        "seed": made.seed if made else "",
    }


def draft_confirmation(facts: BatchFacts) -> dict[str, Any]:
    """代拟的确认通知: nobody held by an inquiry is in it; how many are held is said, not who."""
    rows = [row for row in facts.rows if row.passed and row.track == "confirm"]
    return _confirmation(facts, PaperKind.DRAFT_CONFIRMATION, rows) | {
        "held": facts.held,
        "sent_on": day_zh(facts.batch.sent_on or facts.told_on),
    }


def confirmation(facts: BatchFacts) -> dict[str, Any]:
    """确认通知 as 市职改办 issued it, with its number and day."""
    rows = [row for row in facts.rows if row.passed]
    issued_on = next((row.issued_on for row in facts.rows if row.issued_on), facts.told_on)
    number = next((row.document for row in facts.rows if row.document), facts.batch.document)
    return _confirmation(facts, PaperKind.CONFIRMATION, rows) | {
        "number": number,
        "sign": signed(facts.name_of(facts.city_office), issued_on, SealOf.CITY_OFFICE),
    }


def reply(facts: BatchFacts, entrusting: str) -> dict[str, Any]:
    """函复 to one entrusting unit: its own candidates, passed and failed alike.

    Raises:
        Refused: `not_found` where the unit entrusted nobody of this batch.
    """
    rows = [row for row in facts.rows if row.entrusting == entrusting and row.track == "reply"]
    if not rows:
        raise refuse(Code.NOT_FOUND, what="entrusting_unit", organisation=entrusting)
    rule = masking()
    return _paper(facts, PaperKind.REPLY, facts.office) | {
        "title": f"关于{facts.subject}委托评审结果的复函",
        "number": next((row.document for row in rows if row.document), ""),
        "to": facts.name_of(entrusting),
        "subject": facts.subject,
        "committee": facts.committee,
        "days": days_zh(_days(facts)),
        "count": len(rows),
        "recheck_within": facts.recheck_within,
        "rows": [
            [
                str(number),
                rule.apply(PaperKind.REPLY, "name", row.name),
                row.unit,
                row.profession,
                label("levels", row.level),
                label("results", row.outcome),
            ]
            for number, row in enumerate(rows, 1)
        ],
        "sign": signed(
            facts.name_of(facts.office),
            next((row.issued_on for row in rows if row.issued_on), facts.told_on),
            SealOf.OFFICE,
        ),
    }


def _confirmation(facts: BatchFacts, kind: PaperKind, rows: Sequence[BatchRow]) -> dict[str, Any]:
    if not rows:
        # All of it failed or is held: there is nobody to confirm, and no paper says so.
        raise refuse(Code.PAPER_NOT_DUE, paper_kind=kind, after="send_for_confirmation")
    first = masking().apply(kind, "name", rows[0].name)
    who = f"{first}同志" if len(rows) == 1 else f"{first}等{len(rows)}名同志"
    return _paper(facts, kind, facts.city_office) | {
        "title": f"关于确认{who}{facts.subject}资格的通知",
        "to": facts.name_of(facts.office),
        "who": who,
        "subject": facts.subject,
        "committee": facts.committee,
        "count": len(rows),
        "obtained_on": day_zh(facts.ended_on or _days(facts)[-1]),
        "supplementary": facts.batch.supplementary,
        "attachment": LISTED,
        "forward_within": facts.forward_within,
        "rows": _people(kind, rows),
    }


def _people(kind: PaperKind, rows: Sequence[BatchRow]) -> list[list[str]]:
    rule = masking()
    return [
        [
            str(number),
            rule.apply(kind, "name", row.name),
            rule.apply(kind, "id_number", row.id_number),
            row.unit,
            row.profession,
            label("levels", row.level),
        ]
        for number, row in enumerate(rows, 1)
    ]


def _summary(facts: BatchFacts) -> list[list[str]]:
    """By level, and in all: how many were voted on, how many passed, how many not."""
    lines = [(label("levels", level), facts.of_level(level)) for level in LEVELS]
    lines = [(name, rows) for name, rows in lines if rows]
    if len(lines) > 1:
        lines.append(("合计", facts.rows))
    return [
        [
            name,
            str(len(rows)),
            str(sum(row.passed for row in rows)),
            str(sum(row.outcome is Result.NOT_PASSED for row in rows)),
        ]
        for name, rows in lines
    ]


def _days(facts: BatchFacts) -> tuple[Any, ...]:
    """The meeting's days, up to the one it ended on."""
    if facts.ended_on is None:
        return facts.days
    kept = tuple(day for day in facts.days if day <= facts.ended_on)
    return kept if facts.ended_on in kept else (*kept, facts.ended_on)


def _paper(facts: BatchFacts, kind: PaperKind, by: str) -> dict[str, Any]:
    reference = f"评审会议 {facts.number}" + (
        f"（第{facts.batch.number}批）" if facts.batch.number > 1 else ""
    )
    return envelope(
        kind,
        document=facts.document,
        reference=reference,
        issuer=facts.name_of(by),
        rehearsal=facts.realm != "live",
    )
