"""Sessions in the record, and the rights of whoever has one, read anew at every request."""

from __future__ import annotations

from datetime import datetime, timedelta

from activities.accounts import SESSIONS as SQL
from activities.accounts.logins import new_token, token_hash
from activities.accounts.store import Account
from activities.database import LIVE, Pool, scope
from activities.identity import Identity
from activities.views import Role
from workflows.rules.message import Message

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
ELEVATED = timedelta(minutes=10)
"""So long a stated password counts for what is weighty."""
SEEN_AGAIN = timedelta(seconds=30)
"""A session that is used is written to so often at most."""
DEVICE_USE, NOTICE_USE = "session.device", "session.notice"
DEVICE = 200


class Session(Message):
    """Somebody signed in. It holds no role: what he or she may is asked at every request.

    Attributes:
        organisation: for whom he or she acts now; empty for himself or herself.
        realm: in which office, the live one or a rehearsal.
        reaches: the account's realm: empty for all.
        second_at: when the second factor was shown.
        has_second: whether the account has one.
    """

    key: str
    account: str
    person: str
    organisation: str = ""
    realm: str
    reaches: str = ""
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    proved_at: datetime
    second_at: datetime | None = None
    has_second: bool = False
    device: str = ""
    notice: str = ""

    def is_elevated(self, at: datetime) -> bool:
        """Whether the password was stated so short ago that it counts for what is weighty."""
        return at - self.proved_at < ELEVATED


class Hat(Message):
    """An organisation for which somebody may act, with the role the directory gives there."""

    organisation: str
    name: str
    kind: str
    role: Role


class Sessions:
    """Opens, finds and ends sessions. Times are the machine's: a rehearsal's clock ends nobody's."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def open(
        self,
        account: Account,
        at: datetime,
        *,
        device: str = "",
        organisation: str = "",
        second: bool = False,
    ) -> str:
        """Open a session for whoever has just proved to be this; its token, which nobody keeps."""
        await self._pool.execute(SQL["end_past"], at, IDLE)
        return await self._add(
            Session(
                key="",
                account=account.id,
                person=account.person,
                organisation=organisation,
                realm=account.realm or LIVE,
                created_at=at,
                seen_at=at,
                ends_at=at + LONGEST,
                proved_at=at,
                second_at=at if second else None,
                device=device[:DEVICE],
            )
        )

    async def find(self, token: str, at: datetime) -> Session | None:
        """Whose token it is, unless the session is over, was idle too long, or the account is shut."""
        row = await self._pool.fetchrow(SQL["session"], token_hash(token), at, IDLE)
        if row is None:
            return None
        if at - row["seen_at"] >= SEEN_AGAIN:
            await self._pool.execute(SQL["seen"], row["token_hash"], at)
        kept = dict(row)
        return Session.model_validate(
            kept
            | {
                "key": row["token_hash"].hex(),
                "device": self._identity.open(row["device"], DEVICE_USE),
                "notice": self._identity.open_optional(row["notice"], NOTICE_USE),
            }
        )

    async def renew(self, token: str, session: Session) -> str:
        """The same under a new token: at another organisation or realm, and after a second factor.

        Its absolute end stays, so that nobody goes on for ever by changing hats.
        """
        fresh = await self._add(session)
        await self.end(token)
        return fresh

    async def prove(self, token: str, at: datetime) -> None:
        """The password was stated again."""
        await self._pool.execute(SQL["prove"], token_hash(token), at)

    async def note(self, token: str, notice: str) -> None:
        """Keep one sentence for the next page, or none: what was done belongs in no address."""
        sealed = self._identity.seal_optional(notice, NOTICE_USE)
        await self._pool.execute(SQL["note"], token_hash(token), sealed)

    async def end(self, token: str) -> None:
        """Sign out."""
        await self._pool.execute(SQL["end_session"], token_hash(token))

    async def end_one(self, account: str, key: str) -> None:
        """Sign out on one device, which the account's own page names."""
        await self._pool.execute(SQL["end_session_of"], account, key)

    async def end_all(self, account: str, but: str = "") -> None:
        """Sign out everywhere, but where one sits."""
        await self._pool.execute(SQL["end_sessions"], account, token_hash(but))

    async def all_of(self, account: str, at: datetime) -> tuple[Session, ...]:
        """Where somebody is signed in, the last used first."""
        rows = await self._pool.fetch(SQL["sessions_of"], account, at, IDLE)
        return tuple(
            Session.model_validate(
                dict(row)
                | {
                    "key": row["token_hash"].hex(),
                    "person": "",
                    "notice": "",
                    "device": self._identity.open(row["device"], DEVICE_USE),
                }
            )
            for row in rows
        )

    async def hats(self, person: str, realm: str, at: datetime) -> tuple[Hat, ...]:
        """For whom somebody may act at an instant of a realm."""
        rows = await self._pool.fetch(SQL["hats"], person, scope(realm), at)
        return tuple(Hat.model_validate(dict(row)) for row in rows)

    async def who(self, person: str, realm: str) -> tuple[str, str]:
        """A person's name, and which human it is (`Actor.human`); both empty where nobody knows."""
        row = await self._pool.fetchrow(SQL["who"], person, scope(realm))
        if row is None:
            return "", ""
        name = self._identity.open(row["name"], "person.name")
        return name, self._identity.human(row["id_hash"])

    async def _add(self, session: Session) -> str:
        token = new_token()
        await self._pool.execute(
            SQL["add_session"],
            token_hash(token),
            session.account,
            session.organisation,
            session.realm,
            session.created_at,
            session.seen_at,
            session.ends_at,
            session.proved_at,
            session.second_at,
            self._identity.seal(session.device, DEVICE_USE),
            self._identity.seal_optional(session.notice, NOTICE_USE),
        )
        return token
