"""What the desk refuses itself is counted by code, once however many reasons have it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from config.gateway.errors import RefusedByCaseError
from config.keys import new_key
from config.settings import Settings
from starter.console import measuring
from starter.desk import tallies
from starter.desk.translating import translated
from tests.vouching import TRUST
from workers.stack.options import reserved_ports
from workflows.rules.refusals import Code, Refusal, Refused


def test_a_no_of_the_desk_is_counted_by_its_codes_and_one_of_a_case_is_not() -> None:
    before = tallies.REFUSED.copy()
    own = Refused(
        Refusal(code=Code.WRONG_STAGE),
        Refusal(code=Code.WRONG_STAGE),
        Refusal(code=Code.NOT_ENTITLED),
    )

    translated(own)
    # The writer counted this one where it left.
    translated(RefusedByCaseError((Refusal(code=Code.WRONG_STAGE),)))

    assert tallies.REFUSED - before == {"wrong_stage": 1, "not_entitled": 1}


async def test_the_console_tells_its_noes_on_a_live_scrape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "TOLD_EVERY", timedelta(milliseconds=20))
    with reserved_ports({}, {}) as ports:
        key = new_key()
        settings = Settings.model_validate(
            {
                "database_url": "postgresql://nobody@localhost/zhiping",
                "codec_keys": f"k1:{key}",
                "identity_key": key,
                "vouching_trust": TRUST,
                "smtp_host": "localhost",
                "smtp_sender": "zhiping@localhost",
                "verification_url": "http://localhost",
                "documents_dir": "/documents",
                "metrics_port": ports["metrics"],
            }
        )
        async with measuring.measuring(settings), aiohttp.ClientSession() as http:
            translated(Refused(Refusal(code=Code.DUPLICATE_CONFLICT)))
            for _ in range(1200):
                if await _told(http, ports["metrics"]):
                    return
                await asyncio.sleep(0.05)
            pytest.fail("never told")


async def _told(http: aiohttp.ClientSession, port: int) -> bool:
    async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    mine = [line for line in lines if line.startswith("zhiping_refused_total{")]
    return any('by="desk"' in line and 'code="duplicate_conflict"' in line for line in mine)
