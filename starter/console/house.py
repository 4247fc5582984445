"""What every page of the console works with: the office, accounts, sessions, and the looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jinja2 import Environment

from activities.accounts.attempts import Attempts
from activities.accounts.passwords import Passwords
from activities.accounts.sessions import Sessions
from activities.accounts.store import Accounts
from activities.page_jobs import PageJobs
from config.settings import Settings
from starter.console.cookies import Cookies
from starter.console.jobs import Jobs
from starter.console.looks import looks
from starter.desk.office import Office
from starter.later import later

with later():  # only where there is a provider
    from activities.accounts import provider as sign_in_provider

if TYPE_CHECKING:
    from activities.accounts.provider import Provider

COMES_BACK = "/denglu/tongyi/huilai"


@dataclass(frozen=True)
class House:
    """One a process."""

    office: Office
    accounts: Accounts
    sessions: Sessions
    attempts: Attempts
    cookies: Cookies
    looks: Environment
    jobs: Jobs
    receiving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Who takes in a file now."""
    provider: Provider | None = None
    """By whom one may sign in too, where there is one."""


def house_of(office: Office, passwords: Passwords | None = None) -> House:
    """The house on an office."""
    pool, identity = office.pool, office.identity
    return House(
        office=office,
        accounts=Accounts(pool, identity, passwords),
        sessions=Sessions(pool, identity),
        attempts=Attempts(pool, identity),
        cookies=Cookies(secure=office.settings.console_is_secure),
        looks=looks(),
        jobs=Jobs(PageJobs(pool, identity)),
        provider=_provider(office.settings),
    )


def _provider(settings: Settings) -> Provider | None:
    secret = settings.oidc_client_secret
    if settings.oidc_issuer is None or secret is None or settings.console_url is None:
        return None
    return sign_in_provider.Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value(),
        settings.console_url + COMES_BACK,
        settings.oidc_name,
    )
