"""The data of the forms of a case: 公示表, 评审表, certificate, 期限计算书."""

from __future__ import annotations

from datetime import date
from typing import Any

from activities.extensions import extended_zh
from activities.papers.case_facts import CaseFacts, Clock
from activities.papers.codes import Claims, as_qr
from activities.papers.masking import masking
from activities.papers.words import channels_zh, day_zh, envelope, signed, span_zh
from activities.views import TimelineEntry
from activities.wording import date_zh, ground_zh, label, last_moment_zh, length_zh
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.names import Result, RuleName
from workflows.rules.papers import PaperKind, SealOf

TRACKS = {
    "confirm": "confirm",
    "reply_to_entrusting_unit": "reply",
    "file_for_record": "file",
}
"""The act that brought the result's day → how the result took effect."""
POSTING = ("start_publicity", "restart_publicity")
ENDED = {
    "met": "已经完成",
    "struck": "已经届满",
    "superseded": "已经变更",
    "case_ended": "随申报终止",
}


def publicity_form(facts: CaseFacts) -> dict[str, Any]:
    """公示表 as it is posted: masked, with both contacts where the notice wants both (A4)."""
    payload = _posting(facts)
    deadline = facts.opened(RuleName.UNIT_PUBLICITY, facts.step.seq)
    labels = facts.notice.get("labels", {})
    called = facts.notice.get("publicity_form", {}).get("title")
    return _form(facts, PaperKind.PUBLICITY_FORM, facts.name_of(facts.unit)) | {
        "title": str(called or label("papers", PaperKind.PUBLICITY_FORM)),
        "about": _about(facts, PaperKind.PUBLICITY_FORM),
        "achievements": _achievements(facts),
        "recommendation": _recommendation(payload),
        "unit": facts.name_of(facts.unit),
        "posted": _posted(deadline),
        "place": str(payload.get("place", "")),
        "channels": channels_zh(tuple(payload.get("channels") or ("public_place",)), labels),
        "contacts": _contacts(facts, payload),
    }


def review_form(facts: CaseFacts) -> dict[str, Any]:
    """评审表: what was applied for, who recommended it, and the result under both seals."""
    track = TRACKS[facts.step.name]
    result = facts.last("record_result")
    ended_on = _meeting_ended_on(facts)
    passed = bool(result and result.payload.get("result") == Result.PASSED)
    ballot = facts.ballot
    submitted_at = facts.case.submitted_at
    counts = (
        (ballot.drawn, ballot.present, ballot.voters, ballot.yes, ballot.no, ballot.abstain)
        if ballot
        else ()
    )
    approving = facts.city_office if track == "confirm" else facts.office
    return _form(facts, PaperKind.REVIEW_FORM, facts.name_of(facts.city_office)) | {
        "about": _about(facts, PaperKind.REVIEW_FORM),
        "achievements": _achievements(facts),
        "opinions": _opinions(facts),
        "submitted_on": day_zh(local_date(submitted_at) if submitted_at else None),
        "opinion": [ballot.opinion] if ballot and ballot.opinion else [],
        "ballot": [str(count) for count in counts] or [""] * 6,
        "passed": passed,
        "track": track,
        "document_issued": str(facts.step.payload.get("number", "")),
        "committee": signed(facts.committee_name, ended_on, SealOf.COMMITTEE),
        # 委托评审 is confirmed by the entrusting unit, 自主评审 by the unit, on paper and with a wet seal.
        "approval": signed(
            facts.name_of(_entrusting(facts) if track == "reply" else approving),
            _issued_on(facts),
            SealOf.CITY_OFFICE if track == "confirm" else None,
        ),
    }


def claims(facts: CaseFacts, number: str) -> Claims:
    """What a certificate says; the ID number is masked, because a code can be read by anybody."""
    rule = masking().fields["id_number"]
    id_number = facts.applicant.id_number
    return Claims(
        number=number,
        holder=facts.applicant.name,
        id_number=rule.mask(id_number) if id_number else "",
        profession=facts.profession,
        level=facts.level,
        obtained_on=_meeting_ended_on(facts),
        issued_on=issued_as(facts)[1],
        document=issued_as(facts)[0],
        committee=facts.committee_name,
        rehearsal=facts.case.realm != "live",
    )


def issued_as(facts: CaseFacts) -> tuple[str, date]:
    """The document a title rests on, and its day: what tells one result of a case from another."""
    return str(facts.step.payload.get("number", "")), _issued_on(facts)


def certificate(facts: CaseFacts, said: Claims, code: str) -> dict[str, Any]:
    """电子职称证书 with its number, both dates, and the code as a square."""
    issuer = facts.name_of(facts.city_office)
    return _form(facts, PaperKind.CERTIFICATE, issuer) | {
        "number": said.number,
        "holder": said.holder,
        "id_number": facts.applicant.id_number,
        "committee": said.committee,
        "profession": said.profession,
        "level": said.level,
        "obtained_on": day_zh(said.obtained_on),
        "issued_on": day_zh(said.issued_on),
        "approved_by": said.document,
        "unit": facts.name_of(facts.case.facts.employer) if facts.case.facts else "",
        "qr": as_qr(code),
        "keywords": [code],
        "sign": signed(issuer, said.issued_on, SealOf.CITY_OFFICE),
    }


def deadline_sheet(facts: CaseFacts, rule: str = "") -> dict[str, Any]:
    """期限计算书 of all deadlines up to the step, or of one rule."""
    wanted = [clock for clock in facts.clocks if rule in ("", clock.deadline.rule)]
    return _form(facts, PaperKind.DEADLINE_SHEET, facts.name_of(facts.office)) | {
        "applicant": facts.applicant.name,
        "as_of": day_zh(facts.day),
        "deadlines": [_calculation(clock, facts) for clock in wanted],
    }


def _calculation(clock: Clock, facts: CaseFacts) -> dict[str, Any]:
    deadline = clock.deadline
    why = {skip.date: skip.why for skip in deadline.skipped}
    number = {day: index for index, day in enumerate(deadline.counted, 1)}
    closed = clock.closed_seq is not None and clock.closed_seq <= facts.step.seq
    return {
        "name": label("rules", deadline.rule),
        "nature": label("deadline_kinds", deadline.kind),
        "starts_on": date_zh(deadline.starts_on),
        "length": length_zh(deadline.length, deadline.unit) or "以公布或者核定的日期为准",
        "until": last_moment_zh(deadline.ends_on, deadline.ends_at),
        "nominal": date_zh(deadline.nominal_on) if deadline.nominal_on else "",
        "cap": _cap(deadline),
        "extended": extended_zh(deadline, facts.entries),
        "standing": ENDED.get(clock.ended, "") if closed else "正在计算",
        "ground": ground_zh(deadline.clause, facts.document),
        "calendar": deadline.calendar,
        "days": [
            [date_zh(day), str(number.get(day, "")), why.get(day, "")]
            for day in sorted({*why, *number})
        ],
    }


def _cap(deadline: Deadline) -> str:
    if deadline.capped_by is None or deadline.uncapped_on is None:
        return ""
    return f"{label('rules', deadline.capped_by)}（原应至{date_zh(deadline.uncapped_on)}）"


def _posting(facts: CaseFacts) -> dict[str, Any]:
    """What was stated with the posting; a restart states again only what it changes (A31)."""
    stated: dict[str, Any] = {}
    for entry in facts.entries:
        if entry.name in POSTING and entry.organisation == facts.unit:
            stated |= {key: value for key, value in entry.payload.items() if value}
    return stated


def _about(facts: CaseFacts, kind: PaperKind) -> dict[str, str]:
    rule, stated = masking(), facts.case.facts
    title = stated.current_title if stated else None
    years = stated.years_in_title if stated else None
    return {
        "name": rule.apply(kind, "name", facts.applicant.name),
        "id_number": rule.apply(kind, "id_number", facts.applicant.id_number),
        "phone": rule.apply(kind, "phone", facts.applicant.phone),
        "unit": facts.name_of(stated.employer if stated else facts.unit),
        "profession": facts.profession,
        "level": facts.level,
        "title_now": label("levels", title.level) if title else "无",
        "title_since": day_zh(title.obtained_on) if title else "",
        "years": f"{years}年" if years is not None else "",
        "route": facts.route,
    }


def _achievements(facts: CaseFacts) -> list[list[str]]:
    stated = facts.case.facts.achievements if facts.case.facts else ()
    return [
        [
            str(number),
            label("achievements", item.kind),
            facts.titles.get(item.id, item.id),
            day_zh(item.achieved_on),
            "、".join(label("documents", kind) for kind in item.evidence),
        ]
        for number, item in enumerate(stated, 1)
    ]


def _recommendation(payload: dict[str, Any]) -> list[str]:
    """What the unit stated with the posting: originals compared, why this person, its own rules."""
    said = (
        ["经核对原件与复印件，申报材料真实、准确、齐备。"]
        if payload.get("originals_checked")
        else []
    )
    said += [str(payload[key]) for key in ("merits", "unit_rules") if payload.get(key)]
    return [_sentence(line) for line in said] or ["（见单位填写）"]


def _sentence(line: str) -> str:
    return line if line.endswith(("。", "！", "？", "；")) else f"{line}。"


def _posted(deadline: Deadline | None) -> str:
    if deadline is None:
        return ""
    length = f"（{deadline.length}个工作日）" if deadline.length else ""
    return f"{span_zh(deadline.starts_on, deadline.ends_on)}24:00{length}"


def _contacts(facts: CaseFacts, payload: dict[str, Any]) -> list[dict[str, str]]:
    """Both the unit's and its superior's, from the directory, and whatever else the unit wrote."""
    superior = facts.case.places[0].superior if facts.case.places else ""
    found = [
        {"who": who, "how": f"{facts.name_of(at)}，{facts.contact_of(at)}".rstrip("，")}
        for who, at in (("申报单位联系方式", facts.unit), ("上级主管部门联系方式", superior))
        if at
    ]
    stated = "；".join(str(item) for item in payload.get("contacts") or ())
    return found + ([{"who": "其他反映渠道", "how": stated}] if stated else [])


def _opinions(facts: CaseFacts) -> list[dict[str, Any]]:
    """What the unit and each place of the chain said, each with the place of its wet seal."""
    posted = next(
        (
            entry
            for entry in reversed(facts.entries)
            if entry.name in POSTING and entry.organisation == facts.unit
        ),
        None,
    )
    unit = facts.name_of(facts.unit)
    found = [{"who": "单位推荐意见", "lines": _unit_opinion(facts, posted), "seal": unit}]
    for place in facts.case.places[1:]:
        approved = next(
            (
                entry
                for entry in reversed(facts.entries)
                if entry.name == "approve" and entry.organisation == place.organisation
            ),
            None,
        )
        name = facts.name_of(place.organisation)
        lines = (
            [f"经审核，同意上报。（{day_zh(local_date(approved.acted_at))}平台审核）"]
            if approved
            else ["（　　　　　　）"]
        )
        found.append({"who": f"{name}审核意见", "lines": lines, "seal": name})
    return found


def _unit_opinion(facts: CaseFacts, posted: TimelineEntry | None) -> list[str]:
    if posted is None:
        return ["（　　　　　　）"]
    deadline = facts.opened(RuleName.UNIT_PUBLICITY, posted.seq)
    shown = f"经{span_zh(deadline.starts_on, deadline.ends_on)}公示，" if deadline else "经公示，"
    return [*_recommendation(posted.payload), f"{shown}无异议或者经查实无问题，同意推荐。"]


def _meeting_ended_on(facts: CaseFacts) -> date:
    result = facts.last("record_result")
    stated = str(result.payload.get("meeting_ended_on", "")) if result else ""
    return date.fromisoformat(stated) if stated else facts.day


def _issued_on(facts: CaseFacts) -> date:
    stated = str(facts.step.payload.get("issued_on", ""))
    return date.fromisoformat(stated) if stated else facts.day


def _entrusting(facts: CaseFacts) -> str:
    return facts.case.facts.entrusting_unit if facts.case.facts else ""


def _form(facts: CaseFacts, kind: PaperKind, issuer: str) -> dict[str, Any]:
    return envelope(
        kind,
        document=facts.document,
        reference=facts.reference,
        issuer=issuer,
        rehearsal=facts.case.realm != "live",
    )
