"""Signing in by a provider of identities, binding one's account to it, and showing it again.

A subject belongs to no account until somebody signed in binds it: that a provider knows a name makes
nobody the one of our record.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import structlog
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from activities.accounts.provider import Answered, Asked, Provider, ProviderError
from starter.console import cookies
from starter.console.pages import Needs, Page, Visit, local_path
from starter.console.sign_in import enter

USE = "console.provider"
FRESH = timedelta(minutes=2)
"""So long ago at most somebody may have shown the provider who sits there, to prove it here."""
TEN_MINUTES = 600
AWAY = "现在不能通过它登录，请稍后再试，或者用登录名和密码登录。"
NOT_GOOD = "没有完成：对方的回复与这次登录对不上，可能页面打开太久。请重新开始。"
UNBOUND = "对方确认了您的身份，但是它还没有绑定本系统的账户。请先用登录名和密码登录，在“我的账户”中绑定；还没有账户的，请所在单位邀请。"
TAKEN = "这个身份已经绑定了另一个账户，一个身份只能绑定一个账户。"
NOT_FRESH = "对方没有让您重新登录，不能据此确认是您本人。请改用密码确认。"

logger = structlog.get_logger(__name__)


async def go(visit: Visit) -> Response:
    """去统一身份认证登录。"""
    provider = _provider(visit)
    asked = provider.ask("enter", datetime.now(UTC), back=local_path(visit.asked("dao")))
    return await _sent(visit, provider, asked)


async def bind(visit: Visit) -> Response:
    """绑定统一身份认证：以后也可以通过它登录。"""
    provider = _provider(visit)
    visit.need_proof()
    me = visit.me
    asked = provider.ask("bind", datetime.now(UTC), account=me.session.account, back="/wode")
    return await _offered(visit, provider, asked)


async def prove(visit: Visit) -> Response:
    """通过统一身份认证再次确认是本人。"""
    provider = _provider(visit)
    back = local_path(visit.value("dao"))
    asked = provider.ask("prove", datetime.now(UTC), account=visit.me.session.account, back=back)
    return await _offered(visit, provider, asked)


async def come_back(visit: Visit) -> Response:
    """从统一身份认证回来。"""
    provider, now = _provider(visit), datetime.now(UTC)
    asked = _kept(visit)
    state, code = visit.asked("state"), visit.asked("code")
    if asked is None or not state or asked.state != state or asked.ends_at < now or not code:
        return _said(visit, NOT_GOOD)
    try:
        answered = await provider.answered(asked, code)
    except ProviderError as err:
        logger.warning("console.provider", why=str(err))
        return _said(visit, NOT_GOOD)
    match asked.what:
        case "bind":
            response = await _bound(visit, provider, asked, answered)
        case "prove":
            response = await _proved(visit, provider, asked, answered, now)
        case _:
            response = await _entered(visit, provider, asked, answered)
    visit.house.cookies.drop(response, cookies.PROVIDER)
    return response


async def _entered(visit: Visit, provider: Provider, asked: Asked, answered: Answered) -> Response:
    account = await visit.house.accounts.by_subject(provider.issuer, answered.subject)
    if account is None:
        return _said(visit, UNBOUND)
    return await enter(visit, account, asked.back)


async def _bound(visit: Visit, provider: Provider, asked: Asked, answered: Answered) -> Response:
    if visit.signed is None or visit.signed.session.account != asked.account:
        return _said(visit, NOT_GOOD)
    accounts = visit.house.accounts
    if not await accounts.bind(asked.account, provider.issuer, answered.subject):
        return _said(visit, TAKEN)
    return await visit.go("/wode", f"已绑定{provider.name}，以后也可以通过它登录。")


async def _proved(
    visit: Visit, provider: Provider, asked: Asked, answered: Answered, now: datetime
) -> Response:
    account = await visit.house.accounts.by_subject(provider.issuer, answered.subject)
    same = account is not None and account.id == asked.account
    if visit.signed is None or visit.signed.session.account != asked.account or not same:
        return _said(visit, NOT_GOOD)
    if not is_fresh(answered, now):
        return _said(visit, NOT_FRESH)
    await visit.house.sessions.prove(visit.signed.token, now)
    return RedirectResponse(asked.back, 303)


def is_fresh(answered: Answered, now: datetime) -> bool:
    """Whether somebody showed the provider just now who sits there."""
    return answered.shown_at is not None and abs(now - answered.shown_at) < FRESH


async def _sent(visit: Visit, provider: Provider, asked: Asked) -> Response:
    """Straight on to the provider, from a link."""
    try:
        response: Response = RedirectResponse(await provider.address(asked), 303)
    except ProviderError as err:
        logger.warning("console.provider", why=str(err))
        return _said(visit, AWAY, status=503)
    return _keeping(visit, response, asked)


async def _offered(visit: Visit, provider: Provider, asked: Asked) -> Response:
    """A link to follow: the policy lets no form's answer leave this site."""
    try:
        address = await provider.address(asked)
    except ProviderError as err:
        logger.warning("console.provider", why=str(err))
        return _said(visit, AWAY, status=503)
    page = visit.page("provider.html", provider=provider.name, address=address, why="")
    return _keeping(visit, page, asked)


def _keeping(visit: Visit, response: Response, asked: Asked) -> Response:
    """Keep what was asked with the browser, sealed: nobody else's answer fits it."""
    sealed = visit.house.office.identity.seal(asked.model_dump_json(), USE)
    value = urlsafe_b64encode(sealed).decode()
    visit.house.cookies.keep(response, cookies.PROVIDER, value, TEN_MINUTES)
    return response


def _kept(visit: Visit) -> Asked | None:
    kept = visit.house.cookies.read(visit.request, cookies.PROVIDER)
    try:
        sealed = urlsafe_b64decode(kept.encode())
        return Asked.model_validate_json(visit.house.office.identity.open(sealed, USE))
    except (ValueError, InvalidTag, ValidationError):
        return None


def _said(visit: Visit, why: str, status: int = 422) -> Response:
    provider = _provider(visit)
    return visit.page("provider.html", status=status, provider=provider.name, address="", why=why)


def _provider(visit: Visit) -> Provider:
    found = visit.house.provider
    return found if found is not None else visit.nothing()


PAGES = (
    Page("/denglu/tongyi", go, needs=Needs.NOBODY),
    Page("/denglu/tongyi/huilai", come_back, needs=Needs.NOBODY),
    Page("/denglu/tongyi/queren", prove, ("POST",)),
    Page("/wode/tongyi", bind, ("POST",)),
)
