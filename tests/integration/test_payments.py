"""The bank's lines: stored once, told once, and listed for a person where they must be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.payments import BankLineView, PaymentReading
from activities.records import CaseRecords
from config.gateway.errors import RefusedByCaseError, UnknownError
from starter.desk.payments_import import Desk, import_lines, resume, resume_one
from tests.builders import BD
from tests.fixtures.record import Office
from tests.integration.desks import as_person
from tests.integration.steps import (
    APPLICATION,
    a_deadline,
    a_projection,
    a_step,
    an_application,
    following,
    opening,
)
from workflows.application.case import Payment, Receipt
from workflows.operation.messages import OperationOutcome
from workflows.rules.message import end_of
from workflows.rules.names import DeadlineKind
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act

pytestmark = pytest.mark.integration

CHEN, OFFICE = "chen@bd-committee-office", "bd-committee-office"
NOW = datetime.fromisoformat("2023-11-17T09:00:00+08:00")
LAST_DAY = date(2023, 11, 16)
PAID = "2023-11-16T09:30:00+08:00"
LATE = "2023-11-17T08:00:00+08:00"


def line(transaction: str = "TX1", yuan: float = 420, **more: Any) -> dict[str, Any]:
    values = {
        "transaction": transaction,
        "fen": round(yuan * 100),
        "paid_at": PAID,
        "numbers": [APPLICATION],
        "payer": "张三",
        "remark": "评审费",
    }
    return values | more


class FakeCase:
    """A case that keeps what it is told as the record does, and may be silent or say no."""

    def __init__(self, records: CaseRecords) -> None:
        self._records = records
        self._seq = 1
        self.told: list[Act] = []
        self.silent: set[str] = set()
        self.lost: set[str] = set()
        self.says: Code | None = None

    async def open(self, draft: str) -> None:
        """The submission, with the clock of the pay notice."""
        await self._records.record_step(opening(draft))
        await self._write()

    async def act(self, application: str, name: str, act: Act) -> Receipt:
        """`record_payment` as the gateway would carry it out."""
        assert name == "record_payment"
        stated = act.payload
        if stated["transaction"] in self.silent:
            raise UnknownError(act.request_id)
        if self.says is not None:
            raise RefusedByCaseError((Refusal(code=self.says),))
        if act.request_id not in {known.request_id for known in self.told}:
            await self._write(stated)
        self.told.append(act)
        if stated["transaction"] in self.lost:
            raise UnknownError(act.request_id)
        return Receipt(application=application, seq=self._seq, action=name)

    async def _write(self, stated: Mapping[str, Any] | None = None) -> None:
        self._seq += 1
        clock = a_deadline(
            "payment_window", LAST_DAY, kind=DeadlineKind.LAPSE, ends_at=end_of(LAST_DAY)
        )
        paid = stated and Payment(received_at=NOW, **stated)
        await self._records.record_step(
            following(
                self._seq,
                step=a_step(self._seq),
                projection=a_projection(deadlines=(clock,)),
                payment=paid,
            )
        )


@pytest.fixture
async def case(published: Office, records: CaseRecords, intake: Intake) -> FakeCase:
    draft = await intake.store_draft("live", BD, an_application())
    found = FakeCase(records)
    await found.open(draft)
    return found


@pytest.fixture
def desk(pool: Pool, identity: Identity, intake: Intake, case: FakeCase) -> Desk:
    return desk_of(pool, identity, intake, case)


def desk_of(
    pool: Pool, identity: Identity, intake: Intake, case: FakeCase, who: str = CHEN
) -> Desk:
    carry_out = as_person(pool, identity, intake, who, at=NOW)

    async def operate(kind: str, stated: Mapping[str, Any]) -> OperationOutcome:
        outcome = await carry_out(kind, stated)
        if outcome.refusals:
            raise RefusedByCaseError(outcome.refusals)
        return outcome

    async def now() -> datetime:
        return NOW

    return Desk(
        operate=operate,
        act=case.act,
        ledger=PaymentReading(pool, identity),
        realm="live",
        office=who.partition("@")[2],
        now=now,
    )


async def standing(desk: Desk) -> dict[str, tuple[str, bool]]:
    found, _ = await desk.ledger.page("live")
    return {item.transaction: (item.outcome, item.needs_person) for item in found}


async def only(desk: Desk) -> BankLineView:
    found, _ = await desk.ledger.page("live")
    assert len(found) == 1
    return found[0]


async def refused(desk: Desk, kind: str, stated: Mapping[str, Any]) -> list[str]:
    with pytest.raises(RefusedByCaseError) as caught:
        await desk.operate(kind, stated)
    return [refusal.code.value for refusal in caught.value.refusals]


async def test_a_line_that_fits_is_told_once_and_needs_nobody(desk: Desk, case: FakeCase) -> None:
    report = await import_lines(desk, [line()])

    assert (report.new, report.known, report.told, report.unanswered) == (1, 0, 1, 0)
    assert report.outcomes == {"matched": 1}
    assert report.for_a_person == ()
    told = case.told[0]
    assert (told.request_id.rpartition(":")[0], told.acted_at) == ("bank:TX1", NOW)
    assert told.actor.organisation == OFFICE
    assert told.payload == {"transaction": "TX1", "yuan": 420, "paid_at": PAID}


async def test_the_same_file_twice_changes_nothing_and_says_so(
    desk: Desk, case: FakeCase, pool: Pool
) -> None:
    await import_lines(desk, [line(), line("TX2", numbers=["2023-none"])])
    before = await pool.fetch("SELECT * FROM bank_line ORDER BY id")
    report = await import_lines(desk, [line(), line("TX2", numbers=["2023-none"])])

    assert (report.new, report.known, report.told) == (0, 2, 0)
    assert await pool.fetch("SELECT * FROM bank_line ORDER BY id") == before
    assert len(case.told) == 1
    assert await pool.fetchval("SELECT count(*) FROM operation WHERE kind = 'import_payments'") == 2


@pytest.mark.parametrize("change", [{"fen": 24_000}, {"paid_at": LATE}, {"payer": "李四"}])
async def test_the_same_number_with_another_content_is_a_conflict_and_nothing_is_stored(
    desk: Desk, change: dict[str, Any]
) -> None:
    await import_lines(desk, [line()])
    stated = {"lines": [line("TX2"), line(line=3) | change]}

    assert await refused(desk, "import_payments", stated) == ["duplicate_conflict"]
    assert (await only(desk)).transaction == "TX1"


async def test_a_payment_yet_to_come_is_refused_with_its_line(desk: Desk, pool: Pool) -> None:
    stated = {"lines": [line(), line("TX2", line=7, paid_at="2023-11-18T00:00:00+08:00")]}
    with pytest.raises(RefusedByCaseError) as caught:
        await desk.operate("import_payments", stated)
    assert caught.value.refusals[0].code is Code.DATE_NOT_ALLOWED
    assert caught.value.refusals[0].params["line"] == "7"
    assert await pool.fetchval("SELECT count(*) FROM bank_line") == 0


async def test_part_over_double_and_late_are_listed_for_a_person(desk: Desk) -> None:
    await import_lines(desk, [line(yuan=240)])
    assert await standing(desk) == {"TX1": ("part", True)}
    await import_lines(desk, [line("TX2", 200), line("TX3"), line("TX4", 10, paid_at=LATE)])
    assert await standing(desk) == {
        "TX1": ("matched", False),
        "TX2": ("over", True),
        "TX3": ("double", True),
        "TX4": ("late", True),
    }
    waiting, _ = await desk.ledger.page("live", open_only=True)
    assert [item.transaction for item in waiting] == ["TX2", "TX3", "TX4"]
    first, following = await desk.ledger.page("live", open_only=True, limit=2)
    rest, end = await desk.ledger.page("live", open_only=True, limit=2, after=following)
    assert ((*first, *rest), end) == (waiting, "")
    assert (waiting[0].fee, waiting[0].paid_in_time) == (420, 860)


async def test_the_lines_of_one_case_are_told_in_the_order_they_were_paid(
    desk: Desk, case: FakeCase
) -> None:
    early = "2023-11-16T08:00:00+08:00"
    await import_lines(desk, [line("TX1", 180), line("TX2", 240, paid_at=early)])
    assert [act.payload["transaction"] for act in case.told] == ["TX2", "TX1"]


@pytest.mark.parametrize(
    "numbers", [[], ["2023-000000000000"], [APPLICATION[:20]], ["990000198501019013"]]
)
async def test_a_line_of_nobody_is_told_to_nobody(
    desk: Desk, case: FakeCase, numbers: list[str], pool: Pool
) -> None:
    report = await import_lines(desk, [line(numbers=numbers)])
    assert report.outcomes == {"unknown": 1}
    assert case.told == []
    shown = await only(desk)
    assert (shown.numbers, shown.remark, shown.payer) == (tuple(numbers), "评审费", "张三")
    stored = await pool.fetchval("SELECT bank_line::text FROM bank_line")
    assert "990000198501019013" not in stored
    assert "张三".encode().hex() not in stored


async def test_a_campaign_limits_whose_a_line_may_be(desk: Desk) -> None:
    report = await import_lines(desk, [line()], campaign="lc-2024")
    assert report.outcomes == {"unknown": 1}


async def test_what_is_not_whole_yuan_is_a_persons(desk: Desk, case: FakeCase) -> None:
    report = await import_lines(desk, [line(yuan=419.5)])
    assert report.outcomes == {"uneven": 1}
    assert case.told == []
    assert report.for_a_person[0].yuan == "419.50"


async def test_what_the_case_refuses_is_listed_with_its_code(desk: Desk, case: FakeCase) -> None:
    case.says = Code.WRONG_STAGE
    report = await import_lines(desk, [line()])
    assert report.outcomes == {"refused": 1}
    assert report.for_a_person[0].code == "wrong_stage"


@pytest.mark.parametrize("done", [True, False])
async def test_a_line_without_an_answer_is_asked_again_as_the_same_request(
    desk: Desk, case: FakeCase, pool: Pool, identity: Identity, intake: Intake, done: bool
) -> None:
    (case.lost if done else case.silent).add("TX1")
    report = await import_lines(desk, [line()])
    assert (report.told, report.unanswered) == (0, 1)
    assert await standing(desk) == {"TX1": ("open", True)}

    case.lost.clear()
    case.silent.clear()
    other = desk_of(pool, identity, intake, case, "chen-zong@bd-committee-office")
    report = await resume(other)
    assert (report.told, report.outcomes) == (1, {"matched": 1})
    assert len({act.request_id for act in case.told}) == 1
    # Another colleague asks, but it is the same act: the case would refuse another actor's.
    assert {act.actor.person for act in case.told} == {"chen"}
    assert await pool.fetchval("SELECT count(*) FROM payment") == 1
    assert (await resume(desk)).told == 0


async def test_importing_again_asks_again_what_had_no_answer(desk: Desk, case: FakeCase) -> None:
    case.silent.add("TX1")
    await import_lines(desk, [line()])
    case.silent.clear()
    report = await import_lines(desk, [line()])
    assert (report.new, report.known, report.told) == (0, 1, 1)


async def test_one_silent_case_stops_no_other(
    desk: Desk, case: FakeCase, records: CaseRecords, intake: Intake
) -> None:
    other = "application-018bcfe5-0000-7000-8000-00000000beef"
    stated = an_application(identity={"id_number": "990000198501019021"})
    draft = await intake.store_draft("live", BD, stated)
    await records.record_step(opening(draft, application=other))
    case.silent.add("TX1")
    report = await import_lines(desk, [line(), line("TX2", numbers=[other])])
    assert (report.told, report.unanswered) == (1, 1)


async def test_a_person_says_whose_money_it_is(desk: Desk, case: FakeCase) -> None:
    await import_lines(desk, [line(numbers=[])])
    given = {"transaction": "TX1", "application": APPLICATION, "reason": "电话核实"}
    await desk.operate("resolve_payment", given)
    found = await resume_one(desk, "TX1")
    assert (found.outcome, found.needs_person, found.assigned_why) == (
        "matched",
        False,
        "电话核实",
    )
    assert case.told[0].request_id.count(":") == 3
    assert await refused(desk, "resolve_payment", given) == ["already_decided"]


async def test_a_person_says_that_it_is_dealt_with(desk: Desk) -> None:
    await import_lines(desk, [line(), line("TX2"), line("TX3", numbers=[])])
    for transaction in ("TX2", "TX3"):
        stated = {"transaction": transaction, "dismiss": True, "reason": "已退款"}
        await desk.operate("resolve_payment", stated)
        assert await refused(desk, "resolve_payment", stated) == ["already_decided"]
    assert await standing(desk) == {
        "TX1": ("matched", False),
        "TX2": ("double", False),
        "TX3": ("dismissed", False),
    }
    assert await desk.ledger.page("live", open_only=True) == ((), "")


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"transaction": "TX9", "dismiss": True, "reason": "x"}, "not_found"),
        ({"transaction": "TX1", "dismiss": True, "reason": " "}, "reason_required"),
        ({"transaction": "TX1", "application": "application-none", "reason": "x"}, "not_found"),
        ({"transaction": "TX2", "application": APPLICATION, "reason": "x"}, "malformed_payload"),
    ],
)
async def test_a_resolution_that_cannot_be_is_refused(
    desk: Desk, stated: dict[str, Any], code: str
) -> None:
    await import_lines(desk, [line(numbers=[]), line("TX2", 0.5, numbers=[])])
    assert await refused(desk, "resolve_payment", stated) == [code]


@pytest.mark.parametrize(
    "who", ["liu@liangjiang-data-group", "qian-er@city-title-office", "gao@zhiping-operations"]
)
async def test_only_a_committees_office_imports(
    pool: Pool, identity: Identity, intake: Intake, case: FakeCase, who: str
) -> None:
    desk = desk_of(pool, identity, intake, case, who)
    assert await refused(desk, "import_payments", {"lines": [line()]}) == ["not_entitled"]


async def test_another_office_resolves_nothing_of_ours(
    pool: Pool, identity: Identity, intake: Intake, case: FakeCase, desk: Desk
) -> None:
    await import_lines(desk, [line(numbers=[])])
    other = desk_of(pool, identity, intake, case, "yang@lc-committee-office")
    stated = {"transaction": "TX1", "dismiss": True, "reason": "x"}
    assert await refused(other, "resolve_payment", stated) == ["not_found"]
    assert (await resume(other)).told == 0


async def test_many_lines_are_one_transaction_and_one_entry(desk: Desk, pool: Pool) -> None:
    many = [line(f"TX{index}", numbers=[]) for index in range(3000)]
    before = datetime.now(NOW.tzinfo)
    report = await import_lines(desk, many)
    assert report.new == len(many)
    assert datetime.now(NOW.tzinfo) - before < timedelta(seconds=15)
    assert await pool.fetchval("SELECT count(*) FROM operation WHERE kind = 'import_payments'") == 1
