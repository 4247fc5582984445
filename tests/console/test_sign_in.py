"""Coming in: by invitation, by name and password, by the second factor; and going out."""

from __future__ import annotations

import pytest

from activities.database import Pool
from tests.console.conftest import PASSWORD, Invite, Open

pytestmark = pytest.mark.integration


async def test_an_invitation_sets_a_password_once(
    invited: Invite, browser: Open, pool: Pool
) -> None:
    link = await invited("liu")
    first = browser()
    assert (await first.get(link)).status_code == 200
    assert "liu" in first.page
    assert (await first.post(link, {"password": PASSWORD, "again": "别的"})).status_code == 422
    assert (await first.post(link, {"password": "short", "again": "short"})).status_code == 422
    assert (await first.post(link, {"password": PASSWORD, "again": PASSWORD})).status_code == 303
    home = await first.get("/")
    assert home.status_code == 200
    assert "刘经理" in first.page
    assert (await browser().get(link)).status_code == 410
    kept = await pool.fetch("SELECT secret FROM account_factor")
    assert len(kept) == 1
    assert b"argon2" not in kept[0]["secret"]
