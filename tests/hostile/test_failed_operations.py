"""What our own rules failed over is work for operations, and ends when the same gets an answer."""

from __future__ import annotations

import pytest

from activities.database import Pool
from activities.intake import Intake
from activities.reading import Reading
from activities.views import InboxFilter
from starter.tables import inbox
from tests.fixtures.record import GAO, OPENED, Office
from tests.hostile.operating import BAR, of
from workflows.operation.messages import OperationOutcome
from workflows.rules.names import OPERATIONS_BODY
from workflows.rules.refusals import Code

pytestmark = pytest.mark.integration

CLERK = of("chen@bd-committee-office")
WANTED = InboxFilter(organisation=OPERATIONS_BODY, as_of=OPENED)


async def test_an_operation_that_failed_is_in_the_inbox_of_operations(
    published: Office, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = published._operations._handlers

    async def fails(_work: object) -> OperationOutcome:
        raise LookupError("nobody foresaw this, 张三")

    async def entered() -> OperationOutcome:
        return await published("enter_bar", BAR, actor=CLERK)

    with monkeypatch.context() as broken:
        broken.setitem(handlers, "enter_bar", fails)
        first, _again = await entered(), await entered()
    page = await reading.inbox(WANTED)
    tasks = page.tasks
    mended = await entered()
    left = (await reading.inbox(WANTED)).tasks

    assert [no.code for no in first.refusals] == [Code.NEEDS_OPERATOR]
    assert [task.kind for task in tasks] == ["failed_operation"] * 2
    assert tasks[0].operation == first.operation
    assert "张三" not in tasks[0].model_dump_json()
    assert mended.done
    assert left == ()
    row = str(inbox(page, "待办", {}))
    assert "登记影响期（chen@bd-committee-office）" in row
    assert "操作没有办成：程序出现未预料的错误" in row


@pytest.fixture
async def failed(published: Office, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of an operation that our own rules failed over; asked twice."""

    async def fails(_work: object) -> OperationOutcome:
        raise LookupError("nobody foresaw this, 张三")

    with monkeypatch.context() as broken:
        broken.setitem(published._operations._handlers, "enter_bar", fails)
        await published("enter_bar", BAR, actor=CLERK)
        return (await published("enter_bar", BAR, actor=CLERK)).operation


async def test_operations_close_what_nobody_asks_for_again(
    published: Office, reading: Reading, pool: Pool, failed: str
) -> None:
    stated = {"operation": failed, "reason": "张三已另行登记"}
    closed = await published("dismiss_failed_operation", stated, actor=GAO)
    again = await published("dismiss_failed_operation", stated, actor=GAO)

    assert closed.done
    assert (await reading.inbox(WANTED)).tasks == ()
    assert [no.code for no in again.refusals] == [Code.ALREADY_DECIDED]
    row = await pool.fetchrow("SELECT * FROM operation WHERE id = $1", closed.operation)
    assert row is not None
    assert GAO.person in row["actor"]
    assert "张三" not in str(dict(row))
    assert await reading.text(closed.params["reason"]) == "张三已另行登记"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": " "}, Code.REASON_REQUIRED),
        ({"operation": "operation-none"}, Code.NOT_FOUND),
    ],
)
async def test_what_keeps_a_failed_operation_open(
    published: Office, reading: Reading, failed: str, change: dict[str, str], code: Code
) -> None:
    stated = {"operation": failed, "reason": "已另行登记"} | change
    refused = await published("dismiss_failed_operation", stated, actor=GAO)

    assert [no.code for no in refused.refusals] == [code]
    assert len((await reading.inbox(WANTED)).tasks) == 2


async def test_nobody_closes_another_realms_failure(
    published: Office, intake: Intake, failed: str
) -> None:
    await intake.open_realm("r1", OPENED)
    stated = {"operation": failed, "reason": "已另行登记"}
    refused = await published("dismiss_failed_operation", stated, actor=GAO, realm="r1")

    assert [no.code for no in refused.refusals] == [Code.NOT_FOUND]


async def test_a_refusal_of_the_rules_is_nobodys_work(published: Office, reading: Reading) -> None:
    refused = await published("enter_bar", BAR, actor=of("anyone", "anyone"))

    assert [no.code for no in refused.refusals] == [Code.NOT_ENTITLED]
    assert (await reading.inbox(WANTED)).tasks == ()
