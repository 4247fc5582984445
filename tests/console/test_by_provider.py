"""Signing in by a provider of identities: a small real one, in a process of its own."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr

from activities.accounts.provider import Answered, Provider, ProviderError
from activities.database import Pool
from config.settings import Settings
from starter.console.by_provider import is_fresh
from tests.console.conftest import Browser, Come, Open
from workers.stack.options import reserved_ports

pytestmark = pytest.mark.integration


@pytest.fixture(scope="session")
async def provider() -> AsyncIterator[str]:
    """The issuer's address."""
    with reserved_ports({}, {}) as ports:
        port = ports["console"]
        words = ("--port", str(port), "--require-nonce", "1")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "oidc_provider_mock", *words),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with httpx2.AsyncClient() as http:
            while True:
                try:
                    told = await http.get(
                        f"http://127.0.0.1:{port}/.well-known/openid-configuration"
                    )
                    break
                except httpx2.HTTPError:
                    await asyncio.sleep(0.1)
        yield str(told.json()["issuer"])
        process.terminate()
        await process.wait()


@pytest.fixture
def settings(settings: Settings, provider: str) -> Settings:
    """The installation's, with the provider."""
    return settings.model_copy(
        update={
            "oidc_issuer": provider,
            "oidc_client_id": "zhiping",
            "oidc_client_secret": SecretStr("secret"),
        }
    )


async def shown(address: str, subject: str) -> str:
    """Somebody shows the provider who he or she is; the way back, on our side."""
    async with httpx2.AsyncClient() as http:
        answer = await http.post(address, data={"sub": subject})
    back = urlsplit(answer.headers["location"])
    assert back.hostname == "console.test"
    return f"{back.path}?{back.query}"


async def bound(browser: Browser, subject: str) -> httpx2.Response:
    """Bind the account to a subject."""
    await browser.get("/wode")
    await browser.post("/wode/tongyi")
    (address,) = re.findall(r'class="button" href="([^"]+)"', browser.page)
    return await browser.get(await shown(address, subject))


async def entered(browser: Browser, subject: str, dao: str = "/wode") -> httpx2.Response:
    """Come by the provider."""
    sent = await browser.get("/denglu/tongyi", params={"dao": dao})
    return await browser.get(await shown(sent.headers["location"], subject))


async def test_a_subject_comes_in_once_its_account_was_bound(newcomer: Come, browser: Open) -> None:
    liu, stranger = await newcomer("liu"), browser()
    assert (await entered(stranger, "subject-1")).status_code == 422
    assert "还没有绑定" in stranger.page
    assert (await bound(liu, "subject-1")).headers["location"] == "/wode"
    again = browser()
    answer = await entered(again, "subject-1")
    assert answer.headers["location"] == "/wode"
    await again.get("/wode")
    assert "刘经理" in again.page


async def test_a_subject_is_one_accounts(newcomer: Come) -> None:
    liu, chen = await newcomer("liu"), await newcomer("chen")
    await bound(liu, "subject-2")
    assert (await bound(chen, "subject-2")).status_code == 422
    assert "已经绑定了另一个账户" in chen.page


async def test_a_hat_of_weight_shows_its_second_factor_all_the_same(
    newcomer: Come, browser: Open
) -> None:
    zhou = await newcomer("zhou")
    await bound(zhou, "subject-3")
    again = browser()
    await entered(again, "subject-3")
    assert (await again.get("/")).headers["location"].startswith("/denglu/yanzheng")


async def test_an_answer_to_somebody_else_or_sent_twice_lets_nobody_in(
    newcomer: Come, browser: Open
) -> None:
    liu = await newcomer("liu")
    await bound(liu, "subject-4")
    begun, victim = browser(), browser()
    sent = await begun.get("/denglu/tongyi")
    back = await shown(sent.headers["location"], "subject-4")
    assert (await victim.get(back)).status_code == 422
    other = await victim.get("/denglu/tongyi")
    assert (await victim.get(back)).status_code == 422
    own = await shown(other.headers["location"], "subject-4")
    assert (await victim.get(own)).status_code == 303
    assert (await begun.get(back)).status_code == 303
    again = browser()
    again.client.cookies.update(begun.client.cookies)
    assert (await again.get(back)).status_code == 422
    for query in ("", "?state=a&code=b", "?error=access_denied", "?code=b"):
        assert (await browser().get(f"/denglu/tongyi/huilai{query}")).status_code == 422


async def test_what_is_bound_is_the_account_that_asked(newcomer: Come, browser: Open) -> None:
    """Signed in as another meanwhile, in the same browser: it binds nobody."""
    liu = await newcomer("liu")
    await newcomer("chen")
    await liu.get("/wode")
    await liu.post("/wode/tongyi")
    (address,) = re.findall(r'class="button" href="([^"]+)"', liu.page)
    await liu.get("/wode")
    await liu.post("/tuichu")
    await liu.sign_in("chen")
    assert (await liu.get(await shown(address, "subject-5"))).status_code == 422
    assert (await entered(browser(), "subject-5")).status_code == 422


async def test_who_was_shown_again_just_now_proves_it(newcomer: Come, owner: Pool) -> None:
    liu = await newcomer("liu")
    await bound(liu, "subject-6")
    await owner.execute("UPDATE session SET proved_at = proved_at - interval '11 minutes'")
    assert (await liu.get("/denglu/bangding")).headers["location"].startswith("/denglu/queren")
    for subject, status in (("subject-66", 422), ("subject-6", 303)):
        await liu.get("/denglu/queren")
        await liu.post("/denglu/tongyi/queren", {"dao": "/denglu/bangding"})
        (address,) = re.findall(r'class="button" href="([^"]+)"', liu.page)
        asked = parse_qs(urlsplit(address).query)
        assert (asked["max_age"], asked["prompt"]) == (["0"], ["login"])
        assert (await liu.get(await shown(address, subject))).status_code == status
    assert (await liu.get("/denglu/bangding")).status_code == 200


def test_who_was_shown_long_ago_or_nobody_knows_when_proves_nothing() -> None:
    now = datetime.now(UTC)
    for ago, fresh in ((0, True), (119, True), (121, False), (3600, False)):
        assert is_fresh(Answered(subject="s", shown_at=now - timedelta(seconds=ago)), now) is fresh
    assert not is_fresh(Answered(subject="s"), now)


async def test_a_token_of_another_client_another_issuer_or_another_talk_is_no_good(
    provider: str,
) -> None:
    back = "http://console.test/denglu/tongyi/huilai"
    ours = Provider(provider, "zhiping", "secret", back)
    other = Provider(provider, "other", "secret", back)
    asked = other.ask("enter", datetime.now(UTC))
    came = await shown(await other.address(asked), "subject-7")
    code = parse_qs(urlsplit(came).query)["code"][0]
    with pytest.raises(ProviderError):
        await ours.answered(asked, code)
    came = await shown(await ours.address(asked), "subject-7")
    code = parse_qs(urlsplit(came).query)["code"][0]
    with pytest.raises(ProviderError, match="nonce"):
        await ours.answered(ours.ask("enter", datetime.now(UTC)), code)
    with pytest.raises(ProviderError, match="another issuer"):
        await Provider(provider + "/", "zhiping", "secret", back).address(asked)
    with pytest.raises(ProviderError):
        await Provider("http://127.0.0.1:1", "zhiping", "secret", back).address(asked)


async def test_a_talk_ends_after_ten_minutes(provider: str) -> None:
    ours = Provider(provider, "zhiping", "secret", "http://console.test/")
    now = datetime.now(UTC)
    assert ours.ask("enter", now).ends_at == now + timedelta(minutes=10)
