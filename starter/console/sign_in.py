"""Signing in and out: name and password, then the second factor; and stating the password again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from activities.accounts import second_factor
from activities.accounts.attempts import TooFastError
from activities.accounts.logins import OWN
from activities.accounts.passwords import PasswordRefusedError, TooBusyError
from activities.accounts.store import Account
from starter.console import cookies
from starter.console.pages import HOME, SIGN_IN, Needs, Page, Problem, Visit, local_path

WRONG = Problem("登录名或者密码不正确。登录名由邀请您的单位告知，密码区分大小写。", "name")
WRONG_CODE = Problem("验证码不正确，或者已经用过。请等出现新的六位数字再填。", "code")
BUSY = Problem("现在登录的人太多，请过一会儿再试。")
SHOW = "/denglu/yanzheng"
SECOND = "second"
"""Under which a second factor's tries are counted: no login name is looked up there."""


async def sign_in(visit: Visit) -> Response:
    """登录：登录名和密码。"""
    back = local_path(visit.value("dao") or visit.asked("dao"))
    if visit.signed is not None and not visit.is_stated:
        return RedirectResponse(back, 303)
    if not visit.is_stated:
        return _form(visit, back)
    try:
        account = await _proved(visit)
    except TooFastError as err:
        return _form(visit, back, too_fast(err, "name"), status=429, wait=err.seconds)
    except TooBusyError:
        return _form(visit, back, BUSY, status=503, wait=5)
    return await enter(visit, account, back) if account else _form(visit, back, WRONG, status=422)


async def _proved(visit: Visit) -> Account | None:
    """Whose name and password were stated, if they are somebody's.

    Raises:
        TooFastError, TooBusyError: it was not looked at.
    """
    login, password = visit.value("name"), str(visit.form.get("password", ""))
    if not login or not password:
        return None
    await count_try(visit, login)
    account = await visit.house.accounts.by_password(login, password)
    if account is not None:
        await went_well(visit, login)
    return account


async def enter(visit: Visit, account: Account, back: str = HOME) -> Response:
    """Open a session for whoever has just proved to be this, in place of any that was there."""
    house, now = visit.house, datetime.now(UTC)
    if visit.signed is not None:
        await house.sessions.end(visit.signed.token)
    device = visit.request.headers.get("user-agent", "")
    token = await house.sessions.open(
        account, now, device=device, organisation=await _first_hat(visit, account)
    )
    # The page itself sends on to the second factor where one is needed.
    response = RedirectResponse(back, 303)
    house.cookies.keep(response, cookies.SESSION, token)
    house.cookies.drop(response, cookies.BEFORE)
    return response


async def _first_hat(visit: Visit, account: Account) -> str:
    """For whom somebody begins to act: the first organisation in which he or she may."""
    house = visit.house
    realm = await house.office.realm(account.realm or "live")
    at = await house.office.time_in(realm)
    hats = await house.sessions.hats(account.person, realm.id, at)
    return hats[0].organisation if hats else ""


async def show_second(visit: Visit) -> Response:
    """验证码：登录的第二步。"""
    me, house = visit.me, visit.house
    back = local_path(visit.value("dao") or visit.asked("dao"))
    if not me.session.has_second:
        return RedirectResponse(f"/denglu/bangding?dao={quote(back, safe='')}", 303)
    if not visit.is_stated:
        return visit.page("second.html", back=back)
    problem = await _code_wrong(visit)
    if problem is not None:
        return visit.page("second.html", status=422, back=back, problems=(problem,))
    shown = me.session.model_copy(update={"second_at": datetime.now(UTC)})
    response = RedirectResponse(back, 303)
    house.cookies.keep(response, cookies.SESSION, await house.sessions.renew(me.token, shown))
    return response


async def bind_second(visit: Visit) -> Response:
    """绑定验证器：从今以后登录时还要填六位验证码。"""
    me, house = visit.me, visit.house
    back = local_path(visit.value("dao") or visit.asked("dao"))
    if me.session.has_second and me.session.second_at is None:
        # Whoever knows the password alone does not put a factor of his own in the place of another's.
        return RedirectResponse(f"{SHOW}?dao={quote(back, safe='')}", 303)
    visit.need_proof()
    login = await house.accounts.login_of(me.session.account)
    secret = visit.value("secret")
    if not second_factor.is_secret(secret):
        secret = second_factor.new_secret()
    address = second_factor.address_of(secret, login)
    shown: dict[str, Any] = {
        "back": back,
        "secret": secret,
        "address": address,
        # An address of letters and digits makes it: no word of anybody's is in the picture.
        "picture": Markup(second_factor.picture_of(address)),  # noqa: S704
    }
    if not visit.is_stated:
        return visit.page("bind.html", **shown)
    try:
        await count_try(visit, me.session.account, SECOND)
    except TooFastError as err:
        return visit.page("bind.html", status=429, problems=(too_fast(err, "code"),), **shown)
    now = datetime.now(UTC)
    if not await house.accounts.set_second(me.session.account, secret, visit.value("code"), now):
        return visit.page("bind.html", status=422, problems=(WRONG_CODE,), **shown)
    await went_well(visit, me.session.account, SECOND)
    # Whoever came in before without it comes in anew.
    await house.sessions.end_all(me.session.account, me.token)
    session = me.session.model_copy(
        update={"second_at": now, "notice": "已绑定验证器，以后登录时请填写它显示的六位数字。"}
    )
    response = RedirectResponse(back, 303)
    house.cookies.keep(response, cookies.SESSION, await house.sessions.renew(me.token, session))
    return response


async def prove(visit: Visit) -> Response:
    """再次确认：办理重要事项前十分钟内须填过密码。"""
    me, house = visit.me, visit.house
    back = local_path(visit.value("dao") or visit.asked("dao"))
    if not visit.is_stated:
        return visit.page("prove.html", back=back)
    login = await house.accounts.login_of(me.session.account)
    try:
        await count_try(visit, login)
        right = await house.accounts.is_password(
            me.session.account, str(visit.form.get("password", ""))
        )
    except TooFastError as err:
        problem = too_fast(err, "password")
        return visit.page("prove.html", status=429, back=back, problems=(problem,))
    except TooBusyError:
        return visit.page("prove.html", status=503, back=back, problems=(BUSY,))
    if not right:
        wrong = Problem("密码不正确。", "password")
        return visit.page("prove.html", status=422, back=back, problems=(wrong,))
    if me.session.has_second and (found := await _code_wrong(visit)):
        return visit.page("prove.html", status=422, back=back, problems=(found,))
    await went_well(visit, login)
    await house.sessions.prove(me.token, datetime.now(UTC))
    return RedirectResponse(back, 303)


async def sign_out(visit: Visit) -> Response:
    """退出。"""
    house = visit.house
    await house.sessions.end(visit.me.token)
    response = RedirectResponse(SIGN_IN, 303)
    house.cookies.drop(response, cookies.SESSION)
    # Whoever sits there next finds nothing of this one by going back.
    response.headers["clear-site-data"] = '"cache"'
    return response


async def accept(visit: Visit) -> Response:
    """首次登录：凭邀请链接设置密码。"""
    house, token = visit.house, visit.request.path_params["token"]
    invited = await house.accounts.invited(token)
    if invited is None:
        return visit.page("invitation_over.html", status=410)
    shown: dict[str, Any] = {"login": invited.login, "until": invited.expires_at}
    if not visit.is_stated:
        return visit.page("invitation.html", **shown)
    password = str(visit.form.get("password", ""))
    problem: Problem | None = None
    if password != str(visit.form.get("again", "")):
        problem = Problem("两次填写的密码不一样，请重新填写。", "again")
    else:
        try:
            account = await house.accounts.accept(token, password)
        except PasswordRefusedError as err:
            problem = Problem(str(err), "password")
        except TooBusyError:
            problem = BUSY
        else:
            if account is None:
                return visit.page("invitation_over.html", status=410)
            await house.sessions.end_all(account.id)
            return await enter(visit, account)
    return visit.page("invitation.html", status=422, problems=(problem,), **shown)


async def large_type(visit: Visit) -> Response:
    """大字版，或者恢复标准字号。"""
    response = RedirectResponse(local_path(visit.value("dao")), 303)
    if visit.value("large"):
        visit.house.cookies.keep(response, cookies.LARGE, "1", cookies.YEAR)
    else:
        visit.house.cookies.drop(response, cookies.LARGE)
    return response


def _form(
    visit: Visit, back: str, *problems: Problem, status: int = 200, wait: int = 0
) -> Response:
    headers = {"retry-after": str(wait)} if wait else None
    return visit.page(
        "sign_in.html",
        status=status,
        headers=headers,
        back=back,
        login=visit.value("name"),
        problems=problems,
    )


async def count_try(visit: Visit, name: str, issuer: str = OWN) -> None:
    """Write down that somebody tries to prove something, before it is looked at.

    Raises:
        TooFastError: it comes too soon after the tries before.
    """
    house = visit.house
    await house.attempts.begin(house.accounts.login_hash(name, issuer), _address(visit))


async def went_well(visit: Visit, name: str, issuer: str = OWN) -> None:
    """What was tried before counts no more."""
    house = visit.house
    await house.attempts.succeeded(house.accounts.login_hash(name, issuer), _address(visit))


def too_fast(err: TooFastError, field: str) -> Problem:
    """What is said to whoever tries too often."""
    return Problem(
        f"试的次数太多，请过 {err.seconds} 秒再试。忘记密码的，请所在机构或者运行人员重置。", field
    )


async def _code_wrong(visit: Visit) -> Problem | None:
    """What is wrong with the code that was stated; it is used up if nothing is.

    Codes are tried under the account, so that a known password gives no free guesses.
    """
    house, account = visit.house, visit.me.session.account
    try:
        await count_try(visit, account, SECOND)
    except TooFastError as err:
        return too_fast(err, "code")
    if not await house.accounts.is_code(account, visit.value("code"), datetime.now(UTC)):
        return WRONG_CODE
    await went_well(visit, account, SECOND)
    return None


def _address(visit: Visit) -> str:
    client = visit.request.client
    return client.host if client else ""


PAGES = (
    Page("/denglu", sign_in, ("GET", "POST"), Needs.NOBODY),
    Page("/denglu/yanzheng", show_second, ("GET", "POST"), Needs.HALF),
    Page("/denglu/bangding", bind_second, ("GET", "POST"), Needs.HALF),
    Page("/denglu/queren", prove, ("GET", "POST")),
    Page("/tuichu", sign_out, ("POST",), Needs.HALF),
    Page("/yaoqing/{token}", accept, ("GET", "POST"), Needs.NOBODY),
    Page("/dazi", large_type, ("POST",), Needs.NOBODY),
)
