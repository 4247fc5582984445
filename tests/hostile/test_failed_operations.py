"""What our own rules failed over is work for operations, and ends when the same gets an answer."""

from __future__ import annotations

import pytest

from activities.reading import Reading
from activities.views import InboxFilter
from starter.tables import inbox
from tests.hostile.operating import BAR, of
from tests.integration.conftest import OPENED, Office
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


async def test_a_refusal_of_the_rules_is_nobodys_work(published: Office, reading: Reading) -> None:
    refused = await published("enter_bar", BAR, actor=of("anyone", "anyone"))

    assert [no.code for no in refused.refusals] == [Code.NOT_ENTITLED]
    assert (await reading.inbox(WANTED)).tasks == ()
