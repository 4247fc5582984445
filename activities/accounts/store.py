"""Accounts in the record: whose they are, by which names people come, and what proves them."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from asyncpg import Record

from activities.accounts import SQL, second_factor
from activities.accounts.logins import LOGIN_USE, OWN, identity_hash, token_hash
from activities.accounts.passwords import Passwords, check_usable
from activities.database import Connection, Pool, scope
from activities.identity import Identity
from workflows.rules.message import Message

PASSWORD_USE, SECOND_USE = "account.password", "account.totp"


class Account(Message):
    """Who signs in, and what for.

    Attributes:
        realm: empty reaches the live office and every rehearsal; a rehearsal's own that one alone.
        assurance: `verified` where an office or a provider with real names answers for the person.
    """

    id: str
    realm: str = ""
    person: str
    assurance: str
    disabled: bool = False
    has_password: bool = False
    has_second: bool = False


class AccountLine(Account):
    """An account as a list shows it."""

    login: str
    created_at: datetime
    created_by: str
    disabled_at: datetime | None = None
    disabled_by: str = ""
    seen_at: datetime | None = None


class Invited(Message):
    """Whose invitation it is, and until when it counts."""

    account: str
    person: str
    realm: str
    login: str
    expires_at: datetime


class Accounts:
    """Finds accounts, and keeps what proves them."""

    def __init__(self, pool: Pool, identity: Identity, passwords: Passwords | None = None) -> None:
        self._pool = pool
        self._identity = identity
        self.passwords = passwords or Passwords()

    def login_hash(self, login: str, issuer: str = OWN) -> bytes:
        """The keyed hash under which somebody's name to come by is kept."""
        return identity_hash(self._identity, login, issuer)

    async def by_password(self, login: str, password: str) -> Account | None:
        """Whose account it is, if it is the password; nobody learns which of the two was wrong.

        Raises:
            passwords.TooBusyError: too many sign in at this moment.
        """
        row = await self._pool.fetchrow(SQL["account_of_identity"], OWN, self.login_hash(login))
        right = await self.passwords.is_right(self._password(row), password)
        return _account(row) if row is not None and right and not row["disabled"] else None

    async def by_subject(self, issuer: str, subject: str) -> Account | None:
        """Whose account a provider's subject is."""
        row = await self._pool.fetchrow(
            SQL["account_of_identity"], issuer, self.login_hash(subject, issuer)
        )
        return _account(row) if row is not None and not row["disabled"] else None

    async def bind(self, account: str, issuer: str, subject: str) -> bool:
        """Let a provider's subject be an account's from now on; False where it is another's."""
        key = self.login_hash(subject, issuer)
        await self._pool.execute(SQL["add_identity"], issuer, key, account)
        row = await self._pool.fetchrow(SQL["account_of_identity"], issuer, key)
        return row is not None and row["id"] == account

    async def account(self, account: str) -> Account | None:
        """One account."""
        row = await self._pool.fetchrow(SQL["account"], account)
        return _account(row) if row else None

    async def login_of(self, account: str) -> str:
        """The login name of an account.

        Raises:
            LookupError: there is no such account.
        """
        row = await self._pool.fetchrow(SQL["account"], account)
        if row is None:
            raise LookupError(account)
        return self._identity.open(row["login"], LOGIN_USE)

    async def is_password(self, account: str, password: str) -> bool:
        """Whether it is the account's password.

        Raises:
            passwords.TooBusyError: too many sign in at this moment.
        """
        row = await self._pool.fetchrow(SQL["account"], account)
        return await self.passwords.is_right(self._password(row), password)

    async def is_code(self, account: str, code: str, at: datetime) -> bool:
        """Whether it is a code of the account's second factor that was not used yet; then it is."""
        row = await self._pool.fetchrow(SQL["account"], account)
        if row is None or row["second_secret"] is None:
            return False
        secret = self._identity.open(row["second_secret"], SECOND_USE)
        step = second_factor.step_of(secret, code, at)
        if step is None:
            return False
        return bool(await self._pool.fetchval(SQL["use_step"], row["second"], step))

    async def set_password(self, account: str, password: str) -> None:
        """Keep a new password instead of the one before.

        Raises:
            passwords.PasswordRefusedError: it cannot be one.
        """
        check_usable(password, await self.login_of(account))
        kept = await self.passwords.hash(password)
        async with self._pool.acquire() as connection, connection.transaction():
            await self._keep(connection, account, "password", kept, PASSWORD_USE)

    async def set_second(self, account: str, secret: str, code: str, at: datetime) -> bool:
        """Keep a second factor, once a code shows that somebody has it; False where it is none."""
        step = second_factor.step_of(secret, code, at)
        if step is None:
            return False
        async with self._pool.acquire() as connection, connection.transaction():
            factor = await self._keep(connection, account, "totp", secret, SECOND_USE)
            await connection.execute(SQL["use_step"], factor, step)
        return True

    async def invited(self, token: str) -> Invited | None:
        """Whose invitation this is, if it counts still."""
        row = await self._pool.fetchrow(SQL["invitation"], token_hash(token))
        if row is None:
            return None
        login = self._identity.open(row["login"], LOGIN_USE)
        return Invited.model_validate(dict(row) | {"login": login})

    async def accept(self, token: str, password: str) -> Account | None:
        """Set the password for which somebody was invited, once; None where the link counts no more.

        Raises:
            passwords.PasswordRefusedError: it cannot be one, and the link counts on.
        """
        found = await self.invited(token)
        if found is None:
            return None
        check_usable(password, found.login)
        kept = await self.passwords.hash(password)
        async with self._pool.acquire() as connection, connection.transaction():
            account = await connection.fetchval(SQL["use_invitation"], token_hash(token))
            if account is None:
                return None
            await self._keep(connection, account, "password", kept, PASSWORD_USE)
        return await self.account(account)

    async def lines(
        self, realm: str, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> tuple[AccountLine, ...]:
        """Accounts that reach a realm, by person; so many after one."""
        rows = await self._pool.fetch(SQL["accounts"], scope(realm), *after, limit)
        return tuple(
            AccountLine.model_validate(
                dict(row)
                | {
                    "login": self._identity.open(row["login"], LOGIN_USE),
                    "disabled": row["disabled_at"] is not None,
                }
            )
            for row in rows
        )

    def _password(self, row: Record | None) -> str | None:
        sealed = row["password"] if row is not None else None
        return self._identity.open(sealed, PASSWORD_USE) if sealed is not None else None

    async def _keep(
        self, connection: Connection, account: str, kind: str, secret: str, use: str
    ) -> str:
        factor = f"factor-{uuid4()}"
        await connection.execute(SQL["end_factors"], account, [kind])
        await connection.execute(
            SQL["add_factor"], factor, account, kind, self._identity.seal(secret, use)
        )
        return factor


def _account(row: Record) -> Account:
    return Account(
        id=row["id"],
        realm=row["realm"],
        person=row["person"],
        assurance=row["assurance"],
        disabled=row["disabled"],
        has_password=row["password"] is not None,
        has_second=row["second"] is not None,
    )
