"""Cases and batches as papers see them, without a database: invented people, some with long names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

from activities.papers import batch_papers, case_forms
from activities.papers.batch_facts import BatchFacts, BatchRow
from activities.papers.case_facts import Applicant, Ballot, CaseFacts, Clock
from activities.papers.codes import make_code
from activities.papers.making import BATCH_DATA, CASE_DATA
from activities.papers.seals import SealKey
from activities.views import CaseView, OrganisationView, PlaceView, TimelineEntry
from config.calendar_files import published_calendar
from config.campaign_files import CAMPAIGNS, Campaign, load
from tests.builders import facts
from workflows.meeting.meeting import Batch, Commitment, Draw
from workflows.rules.deadlines import Deadline, compute, window_deadline
from workflows.rules.draw import Drawn
from workflows.rules.names import Level, Result, RuleName, Stage
from workflows.rules.papers import PaperKind
from workflows.rules.publicity import Publicity
from workflows.writer.messages import Actor

UNIT, DEPARTMENT, OFFICE, CITY = "unit", "department", "bd-committee-office", "city-title-office"
LONG_UNIT = (
    "重庆市两江新区特别长名称之大数据与人工智能产业发展促进研究院（重庆）有限责任公司"
    "渝北分公司技术中心数据治理与运营部（示例）"
)
LONG_NAME = "阿卜杜热西提·买买提吐尔逊（示例）"
ID_NUMBER = "990000198501010019"
APPLICATION = "application-018bcfe5-0000-7000-8000-00000000cafe"


@cache
def bd() -> Campaign:
    """The notice of 2023."""
    return load(CAMPAIGNS / "bd-2023.toml")


def at(day: str, hour: str = "10:00") -> datetime:
    """An instant on Beijing's clock."""
    return datetime.fromisoformat(f"{day}T{hour}:00+08:00")


def clock(rule: RuleName, day: str, seq: int, length: int | None = None) -> Clock:
    """A deadline of the real notice, opened by a step."""
    terms = bd().policy.terms(rule)
    if rule is RuleName.PAYMENT_WINDOW:
        window = bd().policy.windows.payment
        found: Deadline = window_deadline(rule, terms, published_calendar(), window)
    else:
        found = compute(rule, terms, published_calendar(), date.fromisoformat(day), length=length)
    return Clock(found, seq)


def organisations(unit: str) -> dict[str, OrganisationView]:
    """Those the sample's route goes through."""
    named = {
        UNIT: (unit, "刘经理", "023-00000005"),
        DEPARTMENT: ("市级工业主管部门人事处（示例）", "周处长", "023-00000006"),
        OFFICE: (
            "工程技术大数据智能化副高级评委会办公室（示例）",
            "陈老师",
            "023-00000002",
        ),
        CITY: ("重庆市职称改革办公室（示例）", "钱主任", "023-00000001"),
    }
    return {
        key: OrganisationView(id=key, kind="unit", name=name, contact=contact, phone=phone)
        for key, (name, contact, phone) in named.items()
    }


ITEMS = [
    {"id": "1.1", "subject": "achievement:a1", "text": "合同缺少签字盖章页，请补充完整的扫描件。"},
    {"subject": "paper:contract", "text": "扫描件不清晰，请重新上传。", "refers_to": "1.1"},
]
STEPS: tuple[tuple[str, str, str, Stage, dict[str, Any]], ...] = (
    ("submit", "2023-10-12", "", Stage.UNIT_REVIEW, {}),
    ("return_for_correction", "2023-10-13", UNIT, Stage.UNIT_CORRECTION, {"items": ITEMS}),
    (
        "start_publicity",
        "2023-10-16",
        UNIT,
        Stage.UNIT_PUBLICITY,
        {
            "place": "一楼公告栏",
            "channels": ["public_place", "office_platform"],
            "contacts": ["纪检信箱 jubao@example.test"],
            "originals_checked": True,
            "merits": "近三年考核均为称职以上，履职良好",
        },
    ),
    ("approve", "2023-10-26", DEPARTMENT, Stage.COMMITTEE_INTAKE, {}),
    ("return_for_correction", "2023-11-02", OFFICE, Stage.COMMITTEE_CORRECTION, {"items": ITEMS}),
    (
        "refuse",
        "2023-11-03",
        OFFICE,
        Stage.COMMITTEE_INTAKE,
        {"ground": "out_of_scope", "reason": "申报专业不在本评委会的评审范围内。"},
    ),
    ("send_pay_notice", "2023-11-16", OFFICE, Stage.AWAITING_PAYMENT, {}),
    (
        "record_result",
        "2023-12-08",
        OFFICE,
        Stage.RESULT_RECORDED,
        {"result": "passed", "meeting_ended_on": "2023-12-08"},
    ),
    (
        "confirm",
        "2024-01-12",
        CITY,
        Stage.RECHECK_WINDOW,
        {"issued_on": "2024-01-12", "number": "渝职改办〔2024〕12号"},
    ),
    ("request_recheck", "2024-01-20", "", Stage.RECHECK, {}),
    (
        "decide_recheck",
        "2024-01-30",
        OFFICE,
        Stage.RECHECK_WINDOW,
        {"decision": "upheld", "reason": "经核查，评审程序符合规定，材料无错看、漏看。"},
    ),
)
STEP_OF: dict[PaperKind, int] = {
    PaperKind.RETURN_NOTICE: 2,
    PaperKind.PUBLICITY_FORM: 3,
    PaperKind.ONE_OFF_NOTICE: 5,
    PaperKind.NOT_ACCEPTED_NOTICE: 6,
    PaperKind.PAYMENT_NOTICE: 7,
    PaperKind.REVIEW_FORM: 9,
    PaperKind.CERTIFICATE: 9,
    PaperKind.RECHECK_ANSWER: 11,
    PaperKind.DEADLINE_SHEET: 11,
}


def entry(
    seq: int, name: str, day: str, at_place: str, stage: Stage, payload: Any
) -> TimelineEntry:
    """A step as the trail shows it."""
    return TimelineEntry(
        seq=seq,
        source="act",
        name=name,
        organisation=at_place,
        acted_at=at(day),
        recorded_at=at(day),
        stage_after=stage,
        clause="BD 四(二)3(3)c",
        payload=payload,
    )


def case_of(
    kind: PaperKind,
    *,
    name: str = "欧阳三（示例）",
    unit: str = "两江数据集团（示例市属国企）",
    opinion: str = "业绩突出，同意提交评审委员会评审。",
    achievements: int = 3,
    realm: str = "live",
    **payload: Any,
) -> CaseFacts:
    """A case as of the step a paper belongs to; `payload` changes what that step stated."""
    seq = STEP_OF[kind]
    entries = [entry(number, *step) for number, step in enumerate(STEPS[:seq], 1)]
    last = entries[-1].model_copy(update={"payload": entries[-1].payload | payload})
    stated = facts("city_unit", employer=UNIT, profession="大数据智能化")
    first = stated.achievements[0]
    many = tuple(first.model_copy(update={"id": f"a{n}"}) for n in range(1, achievements + 1))
    return CaseFacts(
        case=CaseView(
            application=APPLICATION,
            realm=realm,
            campaign="bd-2023",
            route="city_unit",
            level="deputy_senior",
            person="person-1",
            applicant=name,
            submitted_at=at("2023-10-12"),
            places=(
                PlaceView(organisation=UNIT, kind="unit", superior=DEPARTMENT, name=unit),
                PlaceView(organisation=DEPARTMENT, kind="department", superior=CITY),
            ),
            facts=stated.model_copy(update={"achievements": many}),
        ),
        policy=bd().policy,
        notice=bd().model_dump(mode="json", exclude={"policy"})["notice"],
        step=last,
        entries=(*entries[:-1], last),
        clocks=tuple(item for item in _clocks() if item.opened_seq <= seq),
        applicant=Applicant(name, ID_NUMBER, "023-00009001"),
        titles={f"a{n}": f"园区能源数据平台建设项目之{n}" for n in range(1, achievements + 1)},
        organisations=organisations(unit),
        ballot=Ballot(drawn=11, present=9, voters=9, yes=8, no=1, abstain=0, opinion=opinion),
    )


@cache
def _clocks() -> tuple[Clock, ...]:
    return (
        clock(RuleName.UNIT_CORRECTION, "2023-10-13", 2, 3),
        clock(RuleName.UNIT_PUBLICITY, "2023-10-16", 3),
        clock(RuleName.COMMITTEE_CORRECTION, "2023-11-02", 5, 5),
        clock(RuleName.PAYMENT_WINDOW, "2023-11-16", 7),
        clock(RuleName.RECHECK, "2024-01-12", 9),
    )


def batch_of(rows: int = 30, *, unit: str = "两江数据集团（示例市属国企）") -> BatchFacts:
    """A batch; every tenth failed, every third has a long name and unit."""
    return BatchFacts(
        realm="live",
        meeting="meeting-018bcfe5-0000-7000-8000-0000000000aa",
        number="2023-BD-01",
        batch=Batch(
            number=1,
            began_on=date(2023, 12, 8),
            opened_at=at("2023-12-08", "18:00"),
            reported_on=date(2023, 12, 15),
            posted_on=date(2023, 12, 15),
            publicity=Publicity(
                posted_on=date(2023, 12, 15), posted_at=at("2023-12-15"), ends_on=date(2023, 12, 22)
            ),
            sent_at=at("2024-01-05"),
        ),
        seq=1,
        told_on=date(2023, 12, 15),
        subject=bd().notice.subject,
        document=bd().notice.document,
        committee="工程技术大数据智能化副高级评委会",
        office=OFFICE,
        city_office=CITY,
        days=(date(2023, 12, 7), date(2023, 12, 8)),
        ended_on=date(2023, 12, 8),
        drawn=11,
        present=9,
        draws=(_draw(1), _draw(2)),
        earlier_draws=1,
        rows=tuple(_row(number, unit) for number in range(rows)),
        organisations=organisations(unit) | {"bureau": _bureau()},
        contact="陈老师，023-00000002",
        forward_within="1个月",
        recheck_within="2个月",
        deferred=1,
        held=2,
    )


def _draw(number: int) -> Draw:
    word = Commitment(digest="a1" * 32, by=Actor(person="qian"), at=at("2023-12-05"))
    made = Drawn(
        number=number,
        commitment=word.digest,
        random="b2" * 32,
        value="c3" * 32 if number > 1 else "",
        seed="d4" * 32 if number > 1 else "",
        on=date(2023, 12, 8),
        seats=11,
        spares=4,
        pool="e5" * 32,
    )
    return Draw(
        number=number,
        commitment=word,
        ordered_by=Actor(person="chen"),
        on=date(2023, 12, 6),
        reason="名单在抽取当日被人泄露，为保证评审公正，经办公室研究决定重新抽取"
        if number > 1
        else "",
        made=made,
        given_up="" if number > 1 else "随机值保存不当，无法揭示",
    )


def _bureau() -> OrganisationView:
    name = "江南集团（示例，出具委托评审函的上级主管部门）"
    return OrganisationView(id="bureau", kind="entrusting_unit", name=name)


def _row(number: int, unit: str) -> BatchRow:
    failed, odd = number % 10 == 9, number % 3 == 0
    return BatchRow(
        application=f"application-{number}",
        name=LONG_NAME if odd else f"张三{number}",
        id_number=f"9900001985{number:07d}X",
        unit=LONG_UNIT if odd else unit,
        profession="绿色制造工程·节能管理" if odd else "大数据智能化",
        level=(Level.DEPUTY_SENIOR, Level.MID, Level.JUNIOR)[number % 3],
        outcome=Result.NOT_PASSED if failed else Result.PASSED,
        yes=5 if failed else 8,
        no=4 if failed else 1,
        entrusting="bureau",
        route=(UNIT, DEPARTMENT),
        document="渝职改办〔2024〕12号",
        issued_on=date(2024, 1, 12),
    )


def data_of(kind: PaperKind, seal: SealKey, **differences: Any) -> Mapping[str, Any]:
    """The data of a paper of this kind, from the sample case or batch."""
    if kind is PaperKind.CERTIFICATE:
        case = case_of(kind, **differences)
        said = case_forms.claims(case, "2024DSJ00001")
        return case_forms.certificate(case, said, make_code(said, seal))
    if kind in CASE_DATA:
        return CASE_DATA[kind](case_of(kind, **differences))
    batch = batch_of(differences.pop("rows", 30), **differences)
    if kind is PaperKind.REPLY:
        return batch_papers.reply(entrusted(batch), "bureau")
    return BATCH_DATA[kind](batch)


def entrusted(batch: BatchFacts) -> BatchFacts:
    """The batch as one of 委托评审."""
    return replace(batch, rows=tuple(replace(row, track="reply") for row in batch.rows))
