"""A case through a whole season as the writer records it, for the papers that follow from it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from activities.database import Pool
from activities.documents import Documents
from activities.identity import Identity
from activities.intake import Intake
from activities.operations import Operations
from activities.papers.authority import SealRegister
from activities.papers.fonts import SHIPPED, Fonts
from activities.papers.making import KIND, WITHDRAWALS, PaperMaking
from activities.papers.seals import Seals
from activities.records import CaseRecords
from config.calendar_files import published_calendar
from config.campaign_files import CAMPAIGNS, load
from tests.builders import BD
from tests.fixtures.record import SECRET, Office, Rung
from tests.integration.steps import a_projection, a_step, an_application
from workers.stack.seals import demo_seal
from workflows.application.messages import RecordStep
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.deadlines import Deadline, compute
from workflows.rules.names import RuleName, Stage
from workflows.rules.people import check_digit
from workflows.writer.messages import Actor

UNIT, DEPARTMENT = "liangjiang-data-group", "city-industry-department"
OFFICE, CITY = "bd-committee-office", "city-title-office"
PLACES = (
    {"organisation": UNIT, "kind": "unit", "superior": DEPARTMENT},
    {"organisation": DEPARTMENT, "kind": "department", "superior": CITY},
)
NAME, ID_NUMBER, PHONE = "欧阳三", "990000198501010019", "023-00009001"
MERITS = "近三年考核均为称职以上，履职良好"


def stored_bytes(folder: Path, sha256: str) -> bytes:
    """A file that was stored, as it was before it was sealed."""
    identity = Identity(SECRET)
    place = Documents(folder / "documents", identity).path_of(sha256)
    return identity.open_bytes(place.read_bytes(), f"document/{sha256}")


def application_of(number: int) -> str:
    """The id of the season's n-th case."""
    return f"application-018bcfe5-0000-7000-8000-{number:012d}"


CASE = application_of(1)


def at(day: str, hour: str = "10:00") -> datetime:
    """An instant on Beijing's clock."""
    return datetime.fromisoformat(f"{day}T{hour}:00+08:00")


def deadline(rule: RuleName, day: str, length: int | None = None) -> Deadline:
    """A deadline of the real notice on the real calendar."""
    campaign = load(CAMPAIGNS / "bd-2023.toml")
    return compute(
        rule,
        campaign.policy.terms(rule),
        published_calendar(),
        date.fromisoformat(day),
        length=length,
    ).model_copy(update={"opened_at": at(day)})


PAYMENT = deadline(RuleName.INTAKE_DUTY, "2023-11-06", 3).model_copy(
    update={
        "rule": RuleName.PAYMENT_WINDOW,
        "key": "payment_window",
        "starts_on": date(2023, 11, 16),
        "ends_on": date(2023, 11, 20),
        "ends_at": at("2023-11-21", "00:00"),
        "clause": "BD 三3",
    }
)

Act = tuple[str, str, str, Stage, dict[str, Any], tuple[Deadline, ...]]
"""Name, day, organisation (empty: the applicant), stage after, payload, deadlines after."""

SEASON: tuple[Act, ...] = (
    ("submit", "2023-10-12", "", Stage.UNIT_REVIEW, {}, ()),
    (
        "return_for_correction",
        "2023-10-13",
        UNIT,
        Stage.UNIT_CORRECTION,
        {
            "items": [{"id": "1.1", "subject": "achievement:a1", "text": "缺少合同签字页。"}],
            "days": 3,
        },
        (deadline(RuleName.UNIT_CORRECTION, "2023-10-13", 3),),
    ),
    ("resubmit", "2023-10-16", "", Stage.UNIT_REVIEW, {}, ()),
    (
        "start_publicity",
        "2023-10-16",
        UNIT,
        Stage.UNIT_PUBLICITY,
        {"place": "一楼公告栏", "originals_checked": True, "merits": MERITS},
        (deadline(RuleName.UNIT_PUBLICITY, "2023-10-16"),),
    ),
    ("finish_publicity", "2023-10-24", UNIT, Stage.CHAIN_REVIEW, {}, ()),
    ("approve", "2023-10-26", DEPARTMENT, Stage.COMMITTEE_INTAKE, {}, ()),
    (
        "return_for_correction",
        "2023-11-02",
        OFFICE,
        Stage.COMMITTEE_CORRECTION,
        {"items": [{"subject": "paper:contract", "text": "合同扫描件不清晰。"}], "days": 5},
        (deadline(RuleName.COMMITTEE_CORRECTION, "2023-11-02", 5),),
    ),
    ("resubmit", "2023-11-03", "", Stage.COMMITTEE_INTAKE, {}, ()),
    ("accept", "2023-11-06", OFFICE, Stage.AWAITING_PAYMENT, {}, ()),
    ("send_pay_notice", "2023-11-16", OFFICE, Stage.AWAITING_PAYMENT, {}, (PAYMENT,)),
    ("record_payment", "2023-11-17", OFFICE, Stage.AWAITING_MEETING, {}, ()),
    (
        "record_result",
        "2023-12-08",
        OFFICE,
        Stage.RESULT_RECORDED,
        {"result": "passed", "meeting_ended_on": "2023-12-08"},
        (),
    ),
    (
        "confirm",
        "2024-01-12",
        CITY,
        Stage.RECHECK_WINDOW,
        {"issued_on": "2024-01-12", "number": "渝职改办〔2024〕12号"},
        (deadline(RuleName.RECHECK, "2024-01-12"),),
    ),
    ("request_recheck", "2024-01-20", "", Stage.RECHECK, {}, ()),
    (
        "decide_recheck",
        "2024-01-30",
        OFFICE,
        Stage.RECHECK_WINDOW,
        {"decision": "upheld", "reason": "程序规范，材料无错看、漏看。"},
        (),
    ),
)


async def play(
    intake: Intake,
    records: CaseRecords,
    number: int = 1,
    *,
    until: str = "",
    through: int = len(SEASON),
    realm: str = "live",
    result: str = "passed",
    **identity: str,
) -> str:
    """Record a case's season up to and including an act, or so many; return its id."""
    application = application_of(number)
    digits = f"{ID_NUMBER[:14]}{number:03d}"
    stated = an_application(
        identity={"name": NAME, "id_number": digits + check_digit(digits), "phone": PHONE}
        | identity
    )
    draft = await intake.store_draft(realm, BD, stated)
    for seq, (name, day, organisation, stage, payload, deadlines) in enumerate(SEASON[:through], 1):
        told = payload | {"result": result} if name == "record_result" else payload
        projection = a_projection(
            stage=stage, places=PLACES, deadlines=deadlines, tasks=(), holder=organisation or UNIT
        )
        step = a_step(
            seq,
            realm=realm,
            application=application,
            at=at(day),
            name=name,
            actor=Actor(person="liu", organisation=organisation),
            payload=told,
            stage_after=stage,
            clause="BD 四(二)3(1)b",
            policy_version=2,
        )
        first: dict[str, Any] = (
            {"claim": "take", "claim_year": 2023, "draft": draft} if seq == 1 else {}
        )
        await records.record_step(RecordStep(step=step, projection=projection, **first))
        if name == until:
            break
    return application


class PaperOffice(Office):
    """Makes papers as the workflow would, sealed with a demonstration's seal."""

    def __init__(
        self,
        pool: Pool,
        identity: Identity,
        intake: Intake,
        folder: Path,
        register: SealRegister | None = None,
        fonts: Fonts = SHIPPED,
    ) -> None:
        self.seal = demo_seal(folder)
        seals = Seals.load(self.seal.store, self.seal.password)
        self.making = PaperMaking(Documents(folder / "documents", identity), seals, register, fonts)
        kinds = {KIND: self.making.render_paper, WITHDRAWALS: self.making.seal_withdrawals}
        super().__init__(Operations(pool, identity, Rung(), kinds), intake)

    async def render(
        self,
        kind: str,
        application: str = CASE,
        *,
        by: Actor | None = None,
        on: str = "2024-02-01",
        realm: str = "live",
        **params: str,
    ) -> OperationOutcome:
        """Have a paper made, by the office where nobody else is named."""
        who = by or Actor(person="chen", organisation=OFFICE, role="member")
        about = {"kind": kind, "application": application, **params}
        return await self.carry_out(
            OperationRequest(kind=KIND, realm=realm, actor=who, as_of=at(on), params=about)
        )
