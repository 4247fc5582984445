"""What every page of the console works with: the office, accounts, sessions, and the looks."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment

from activities.accounts.attempts import Attempts
from activities.accounts.passwords import Passwords
from activities.accounts.sessions import Sessions
from activities.accounts.store import Accounts
from starter.console.cookies import Cookies
from starter.console.looks import looks
from starter.desk.office import Office


@dataclass(frozen=True)
class House:
    """One a process."""

    office: Office
    accounts: Accounts
    sessions: Sessions
    attempts: Attempts
    cookies: Cookies
    looks: Environment


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
    )
