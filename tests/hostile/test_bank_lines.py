"""A bank's line is its account's: nobody else's number stands in its way, and its request is unguessable."""

from __future__ import annotations

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from config.payment_files import understand
from config.payment_profiles import read_profile
from starter.desk.payments_import import Desk, import_lines
from tests.integration.test_payments import FakeCase, case, desk, desk_of, line, standing

pytestmark = pytest.mark.integration

__all__ = ["case", "desk"]
OTHERS = "yang@lc-committee-office"


async def test_another_offices_line_blocks_nothing(
    pool: Pool, identity: Identity, intake: Intake, case: FakeCase, desk: Desk
) -> None:
    """A line of the same number, imported before by another office, refused the whole file."""
    other = desk_of(pool, identity, intake, case, OTHERS)
    await import_lines(other, [line(numbers=[], yuan=1)])

    report = await import_lines(desk, [line(), line("TX2", numbers=[])])

    assert (report.new, report.known, report.told) == (2, 0, 1)
    assert report.outcomes == {"matched": 1, "unknown": 1}
    stated = {"transaction": "TX1", "dismiss": True, "reason": "不是评审费"}
    await other.operate("resolve_payment", stated)
    found, _ = await desk.ledger.page("live", office=desk.office)
    assert [item.outcome for item in found] == ["matched", "unknown"]


async def test_another_office_answers_for_no_line_of_ours(
    pool: Pool, identity: Identity, intake: Intake, case: FakeCase, desk: Desk
) -> None:
    case.silent.add("TX1")
    await import_lines(desk, [line()])
    other = desk_of(pool, identity, intake, case, OTHERS)
    said = {"answers": [{"transaction": "TX1", "answer": "refused", "code": "wrong_stage"}]}
    await other.operate("settle_payments", said)
    assert await standing(desk) == {"TX1": ("open", True)}


async def test_two_accounts_of_an_office_have_lines_of_their_own(
    desk: Desk, case: FakeCase
) -> None:
    lines = [
        line(yuan=240) | {"account": "6201"},
        line(yuan=180) | {"account": "6202", "line": 2},
    ]
    report = await import_lines(desk, lines)
    again = await import_lines(desk, lines)

    assert (report.new, report.told, again.known) == (2, 2, 2)
    assert report.outcomes == {"matched": 2}
    assert {act.payload["transaction"] for act in case.told} == {"6201/TX1", "6202/TX1"}
    with pytest.raises(Exception, match="malformed_payload"):
        await desk.operate(
            "resolve_payment", {"transaction": "TX1", "dismiss": True, "reason": "重复"}
        )


async def test_who_knows_the_banks_number_does_not_know_the_request(
    desk: Desk, case: FakeCase
) -> None:
    """`bank:TX1`, sent by a stranger first, made the payment refused."""
    await import_lines(desk, [line()])
    request = case.told[0].request_id
    assert request.startswith("bank:TX1:")
    assert len(request.removeprefix("bank:TX1:")) == 16


def test_a_file_names_its_account() -> None:
    text = "本方账号,流水号,金额,交易时间,附言\n6201 0001,TX1,420,2023-11-16,评审费\n"
    found = understand(text.encode(), "收款.csv", read_profile())
    assert [(item.account, item.transaction) for item in found.lines] == [("62010001", "TX1")]
