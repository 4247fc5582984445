"""Operations on accounts: inviting somebody, a new link after a lost password, shutting an account.

An account gives no right. Whoever may act for an organisation is the directory's to say; but whoever
holds the link can sign in as its person, so that for a person of weight two ask for it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from activities.accounts import SESSIONS, SQL
from activities.accounts.logins import LOGIN_USE, OWN, identity_hash
from activities.operating import Operating
from activities.second_person import human_of
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedAccount, StatedInvitation, StatedReset
from workflows.rules.refusals import Code, refuse

OPERATIONS = statements("operations")
LASTS = timedelta(days=7)
"""How long a link counts."""
FACTORS = ["password", "totp"]
NOBODY = b""


async def invite_account(work: Operating) -> OperationOutcome:
    """Give somebody an account and a link to set its password; one that was shut opens again.

    Raises:
        Refused: `not_found` for a person nobody knows; `login_taken`; `already_decided` where the
            person has an account with a password.
    """
    stated = work.read(StatedInvitation)
    person = await work.connection.fetchrow(OPERATIONS["person"], stated.person, work.kept_under)
    if person is None:
        raise refuse(Code.NOT_FOUND, what="person", person=stated.person)
    await work.connection.execute(OPERATIONS["lock_register"], f"account/{stated.person}")
    account = await _account(work, stated.person)
    if account is None:
        account = f"account-{uuid4()}"
        human = await human_of(work.connection, stated.person, work.request.realm)
        await work.connection.execute(
            SQL["add_account"],
            account,
            work.kept_under,
            stated.person,
            work.identity.seal(stated.login, LOGIN_USE),
            "verified" if human is not None else "declared",
            work.by,
        )
    else:
        kept = await work.connection.fetchrow(SQL["account"], account)
        if kept is not None and kept["password"] is not None and not kept["disabled"]:
            raise refuse(Code.ALREADY_DECIDED, what="account", person=stated.person)
        login = work.identity.seal(stated.login, LOGIN_USE)
        await work.connection.execute(SQL["enable"], account, login)
    await _keep_login(work, account, stated.login)
    await _invite(work, account, stated.token_hash)
    return OperationOutcome(done=True, params={"person": stated.person, "account": account})


async def reset_account(work: Operating) -> OperationOutcome:
    """Take password and second factor away and give a link to set them anew; whoever is in is out.

    Raises:
        Refused: `not_found` where there is no account, or it is shut.
    """
    stated = work.read(StatedReset)
    account = await _open_account(work, stated.person)
    await _invite(work, account, stated.token_hash)
    return OperationOutcome(done=True, params={"person": stated.person, "account": account})


async def disable_account(work: Operating) -> OperationOutcome:
    """Shut an account at once: nobody signs in with it, and whoever is in is out.

    Raises:
        Refused: `not_found` where there is no account, or it is shut.
    """
    stated = work.read(StatedAccount)
    account = await _open_account(work, stated.person)
    await work.connection.execute(SQL["disable"], account, work.by)
    await work.connection.execute(SQL["end_invitations"], account)
    await work.connection.execute(SESSIONS["end_sessions"], account, NOBODY)
    return OperationOutcome(done=True, params={"person": stated.person, "account": account})


async def _account(work: Operating, person: str) -> str | None:
    row = await work.connection.fetchrow(SQL["account_of_person"], person, work.kept_under)
    return row["id"] if row else None


async def _open_account(work: Operating, person: str) -> str:
    row = await work.connection.fetchrow(SQL["account_of_person"], person, work.kept_under)
    if row is None or row["disabled"]:
        raise refuse(Code.NOT_FOUND, what="account", person=person)
    found: str = row["id"]
    return found


async def _keep_login(work: Operating, account: str, login: str) -> None:
    """The name is the account's; another than before comes beside it."""
    key = identity_hash(work.identity, login)
    await work.connection.execute(SQL["add_identity"], OWN, key, account)
    owner = await work.connection.fetchrow(SQL["account_of_identity"], OWN, key)
    if owner is None or owner["id"] != account:
        raise refuse(Code.LOGIN_TAKEN, login=login)


async def _invite(work: Operating, account: str, token_hash: str) -> None:
    """End what proved somebody before, and keep the hash of the new link.

    Raises:
        Refused: `duplicate_conflict` for a link that was made before.
    """
    await work.connection.execute(SQL["end_invitations"], account)
    await work.connection.execute(SQL["end_factors"], account, FACTORS)
    await work.connection.execute(SESSIONS["end_sessions"], account, NOBODY)
    added = await work.connection.fetchval(
        SQL["add_invitation"], bytes.fromhex(token_hash), account, work.by, LASTS
    )
    if added is None:
        raise refuse(Code.DUPLICATE_CONFLICT, request_id=work.operation)
