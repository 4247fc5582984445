"""A console on the test's own database, and browsers that come to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from activities.accounts import second_factor
from activities.accounts.logins import token_hash
from activities.accounts.passwords import Passwords
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from config.keys import new_key
from config.settings import Settings
from starter.console.application import application
from starter.console.house import House, house_of
from starter.desk.office import Office as Desk
from tests.fixtures.record import Office
from tests.vouching import TRUST

ORIGIN = "http://console.test"
PASSWORD = "梨花院落溶溶月-24"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Argon2 all the same, without its price."""
SECRET_FIELD = re.compile(r'name="secret" value="([A-Z2-7]+)"')
HIDDEN = re.compile(r'name="csrf" value="([^"]*)"')


Invite = Callable[..., Awaitable[str]]
Open = Callable[[], "Browser"]
Come = Callable[..., Awaitable["Browser"]]


@dataclass
class Browser:
    """Keeps its cookies, follows no redirect, and fills in forms as they are on the page."""

    client: httpx2.AsyncClient
    page: str = ""
    secret: str = ""
    code: str = ""
    """The code by which the second factor was bound; it is used up."""
    csrf: str = ""
    posted: dict[str, str | list[str]] = field(default_factory=dict)

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        """Look at a page."""
        answer = await self.client.get(path, **more)
        self.page = unescape(answer.text)
        self.token()
        return answer

    async def post(
        self, path: str, stated: Mapping[str, str | list[str]] | None = None, **more: Any
    ) -> httpx2.Response:
        """Send a form with the hidden token of the page that was looked at last."""
        self.posted = {**self.token(), **(stated or {})}
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin", **more.pop("headers", {})}
        answer = await self.client.post(path, data=self.posted, headers=headers, **more)
        if answer.status_code != 303:
            self.page = unescape(answer.text)
        return answer

    def token(self) -> dict[str, str]:
        """The hidden token of the last page that has a form."""
        if found := HIDDEN.search(self.page):
            self.csrf = found.group(1)
        return {"csrf": self.csrf} if self.csrf else {}

    @property
    def cookie(self) -> str:
        """The session's cookie."""
        return self.client.cookies.get("zhiping") or ""

    async def prove(self, back: str) -> None:
        """State the password again for what is weighty, and come back to the page."""
        await self.get(f"/denglu/queren?dao={back}")
        stated = {"dao": back, "password": PASSWORD}
        if self.secret:
            stated["code"] = second_factor.code_at(self.secret, datetime.now(UTC))
        answer = await self.post("/denglu/queren", stated)
        assert answer.status_code == 303, self.page
        await self.get(back)

    async def sign_in(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        """Name and password, and the second factor where the account has one."""
        await self.get("/denglu")
        answer = await self.post("/denglu", {"name": login, "password": password})
        if answer.status_code == 303 and self.secret:
            await self.get("/denglu/yanzheng")
            # The next one: that of this half minute may be used up.
            later = datetime.now(UTC) + timedelta(seconds=second_factor.STEP)
            code = second_factor.code_at(self.secret, later)
            answer = await self.post("/denglu/yanzheng", {"code": code})
        return answer


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation's, with the console at one address."""
    return settings_at(ORIGIN, database_url, tmp_path)


def settings_at(address: str, database_url: str, folder: Path) -> Settings:
    """An installation's, with the console at this address."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "codec_keys": f"k1:{new_key()}",
            "identity_key": new_key(),
            "vouching_trust": TRUST,
            "smtp_host": "127.0.0.1",
            "smtp_sender": "a@localhost",
            "verification_url": "http://gateway",
            "documents_dir": str(folder / "documents"),
            "console_url": address,
            "temporal_address": "127.0.0.1:1",
        }
    )


@pytest.fixture
def house(settings: Settings, pool: Pool, identity: Identity, intake: Intake) -> House:
    """What the console's pages work with."""
    desk = Desk(settings, pool, identity, intake)
    return house_of(desk, Passwords(QUICK))


@pytest.fixture
def console(house: House) -> Starlette:
    """The application."""
    return application(house)


@pytest.fixture
async def browser(console: Starlette) -> AsyncIterator[Open]:
    """Opens browsers."""
    async with AsyncExitStack() as stack:
        clients: list[httpx2.AsyncClient] = []

        def opened() -> Browser:
            transport = httpx2.ASGITransport(console, raise_app_exceptions=False)
            clients.append(httpx2.AsyncClient(transport=transport, base_url=ORIGIN))
            stack.push_async_callback(clients[-1].aclose)
            return Browser(clients[-1])

        yield opened


@pytest.fixture
def invited(published: Office) -> Invite:
    """Invites somebody as an operator would, another confirming where it takes two; the link."""

    async def invite(person: str, login: str = "", *, realm: str = "live") -> str:
        token = token_urlsafe(32)
        stated = {
            "person": person,
            "login": login or person,
            "token_hash": token_hash(token).hex(),
        }
        outcome = await published("invite_account", stated, realm=realm, operation=token_hex(8))
        assert outcome.done, outcome
        return f"/yaoqing/{token}"

    return invite


@pytest.fixture
def newcomer(invited: Invite, browser: Open) -> Come:
    """Somebody with an account, signed in; a second factor is bound where the console asks for it."""

    async def come(person: str, login: str = "", *, realm: str = "live") -> Browser:
        link = await invited(person, login, realm=realm)
        came = browser()
        await came.get(link)
        answer = await came.post(link, {"password": PASSWORD, "again": PASSWORD})
        assert answer.status_code == 303, came.page
        if (await came.get("/")).status_code == 303:
            await came.get("/denglu/bangding")
            came.secret = SECRET_FIELD.findall(came.page)[0]
            came.code = second_factor.code_at(came.secret, datetime.now(UTC))
            stated = {"secret": came.secret, "code": came.code}
            bound = await came.post("/denglu/bangding", stated)
            assert bound.status_code == 303, came.page
        return came

    return come
