"""舰队: what carries the office, for operations; with the engine away the record is read on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activities.database import Pool
from config.deployments import Deployment, Left, Poller, Queue, Version
from config.gateway.errors import TemporalUnavailableError
from starter.desk.fleet import Versions
from tests.console.at_once import AtOnce, at_once
from tests.console.conftest import Come
from tests.console.on_a_stack import Someone, house_on_a_stack, someone
from tests.integration.command_line import CommandLine

__all__ = ["at_once", "house_on_a_stack", "someone"]

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.mark.usefixtures("at_once")
async def test_with_the_engine_away_schema_and_letters_are_shown_still(
    newcomer: Come, at_once: AtOnce, pool: Pool
) -> None:
    with pytest.raises(TemporalUnavailableError):
        await at_once.client()
    gao, liu = await newcomer("gao"), await newcomer("liu")
    assert (await liu.get("/jiandui")).status_code == 404
    assert (await gao.get("/jiandui")).status_code == 200
    assert "暂时没有应答" in gao.page
    assert "与程序相符" in gao.page
    last = await pool.fetchval("SELECT max(migration_id) FROM _pogo_migration")
    assert str(last) in gao.page


async def test_on_a_running_stack_its_queues_and_who_takes_their_work(
    zhiping: CommandLine, material: str, someone: Someone
) -> None:
    await zhiping.json(
        *("submit", material, "--campaign", "bd-2023", "--realm", "fleet"),
        *("--at", "2023-10-09T10:00"),
    )
    operator = await someone("operations", "fleet")
    assert (await operator.get("/jiandui")).status_code == 200
    for words in ("cases（申报和评审会）", "letters（邮件）", "不分版本", "数据库结构"):
        assert words in operator.page, words
    assert "没有工作进程办理" not in operator.page


def test_versions_and_queues_in_words() -> None:
    """What a version has, who takes a queue's work, and a queue that nobody serves."""
    found = Versions(
        deployment=Deployment(
            name="zhiping",
            versions=(
                Version(build="b2", share=10.0, since=NOW),
                Version(build="b1", current=True, since=NOW),
            ),
        ),
        left={"b1": Left(build="b1", kinds={"Application": 3}), "b2": Left(build="b2")},
        queues=(
            Queue(
                name="cases",
                current="b1",
                pollers=(Poller(identity="cases@a", build="b1", seen_at=NOW),),
                backlog=7,
                oldest=12.4,
            ),
            Queue(name="letters"),
        ),
        running={"Application": 3},
    )
    assert [row[:3] for row in found.version_rows(str)] == [
        ("b2", "10%", "没有"),
        ("b1", "现行", "申报 3"),
    ]
    cases, letters = found.queue_rows(str)
    assert cases[1:3] == ("b1", "cases@a（b1）")
    assert cases[4] == "7 件，最久 12 秒"
    assert letters[1:3] == ("没有", "没有")
    assert found.idle == ("letters",)
