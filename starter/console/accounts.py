"""账户：邀请本机构的人开通账户，重置忘了的密码，停用丢失的账户。"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import NamedTuple

from starlette.responses import Response

from activities.accounts.logins import token_hash
from activities.accounts.store import AccountLine
from activities.database import scope
from activities.second_person import WEIGHTY
from starter.console import looks
from starter.console.operated import (
    NO_ANSWERS,
    carried_out,
    new_request,
    refused_in,
    request_of,
)
from starter.console.own_account import ROLES
from starter.console.pages import Page, Problem, Visit
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.desk.refusing import WaitsForSecond
from starter.desk.translating import translated

PATH = "/zhanghu"
LINK = "/yaoqing/"
SHOWN = 200
HEADINGS = ("姓名", "人员编号", "身份", "登录名", "状态")
CHECKED = {
    "chongzhi": (
        "重置账户",
        "现在的密码和验证器立即作废，已登录的设备全部退出。您会得到一个链接，交给本人重新设置。办理前请确认来找您的是本人。",
    ),
    "tingyong": (
        "停用账户",
        "立即不能登录，已登录的设备全部退出；已经办理的事项不受影响。以后可以重新邀请，那时要重新设置密码。",
    ),
}
"""What is shown before it is done."""


class Person(NamedTuple):
    """Somebody, and the account where there is one."""

    person: str
    name: str
    role: str
    account: AccountLine | None


async def accounts(visit: Visit) -> Response:
    """账户。"""
    if wants_sheet(visit):
        _in_charge(visit)
        rows = [_row(item) for item in await _people(visit)]
        return await taken(visit, Sheet("账户", HEADINGS, rows))
    return await _page(visit)


def _row(item: Person) -> tuple[str, ...]:
    account = item.account
    login = account.login if account else ""
    return item.name or item.person, item.person, item.role or "其他机构", login, _standing(account)


def _standing(account: AccountLine | None) -> str:
    if account is None:
        return "没有账户"
    if account.disabled:
        told = "已停用"
    elif not account.has_password:
        told = "待设置密码"
    else:
        told = "可以登录，已绑定验证器" if account.has_second else "可以登录"
    return f"{told}，最近使用 {looks.moment(account.seen_at)}" if account.seen_at else told


async def invite(visit: Visit) -> Response:
    """Invite somebody; the link is shown to whoever asked for it, and to nobody else."""
    stated = {"login": visit.value("login") or visit.value("person")}
    return await _with_link(visit, "invite_account", stated)


async def reset(visit: Visit) -> Response:
    """Take what proved somebody away, and show the link to set it anew."""
    return await _with_link(visit, "reset_account", {})


async def check(visit: Visit) -> Response:
    """What will follow, before a colleague is out."""
    _in_charge(visit)
    what, person = visit.value("what"), visit.value("person")
    if what not in CHECKED:
        visit.nothing()
    title, follows = CHECKED[what]
    names = await visit.house.office.reading.names_of({person}, visit.me.realm.id)
    return visit.page(
        "account_check.html",
        what=what,
        title=title,
        follows=follows,
        person=person,
        name=names.get(person, ""),
        key=new_request(),
    )


async def disable(visit: Visit) -> Response:
    """Shut an account at once."""
    _in_charge(visit)

    async def again(*problems: Problem) -> Response:
        return await _page(visit, *problems)

    return await carried_out(
        visit,
        "disable_account",
        {"person": visit.value("person")},
        form=again,
        to=PATH,
        told="账户已停用，已登录的都已退出。",
    )


async def _with_link(visit: Visit, kind: str, stated: dict[str, str]) -> Response:
    _in_charge(visit)
    visit.need_proof(PATH)
    me, office = visit.me, visit.house.office
    request, person = request_of(visit), visit.value("person")
    token = _token(visit, request)
    stated = {**stated, "person": person, "token_hash": token_hash(token).hex()}
    waits: WaitsForSecond | None = None

    async def again(*problems: Problem) -> Response:
        return await _page(visit, *problems)

    try:
        async with office.telling(me.realm.id):
            await office.operate(kind, me.who, stated, me.realm.id, request)
    except WaitsForSecond as second:
        waits = second
    except NO_ANSWERS as err:
        return await refused_in(visit, translated(err), form=again, to=PATH)
    origin = office.settings.console_url or str(visit.request.base_url).rstrip("/")
    return visit.page("account_link.html", person=person, link=origin + LINK + token, waits=waits)


async def _page(visit: Visit, *problems: Problem) -> Response:
    role = _in_charge(visit)
    return visit.page(
        "accounts.html",
        status=422 if problems else 200,
        people=[(item, _row(item)) for item in await _people(visit)],
        headings=HEADINGS,
        everybody=role == "operations",
        key=new_request,  # each form is one of its own
        person=visit.value("person") if problems else "",
        login=visit.value("login") if problems else "",
        problems=problems,
    )


def _token(visit: Visit, request: str) -> str:
    """The link's token: the same for the same form, so that an answer that was lost is given again."""
    about = f"invitation\n{visit.me.session.account}\n{request}"
    return urlsafe_b64encode(visit.house.office.identity.content_hash(about)).decode().rstrip("=")


def _in_charge(visit: Visit) -> str:
    """The role under which somebody keeps accounts; whether one's, is asked by the operation.

    Raises:
        HTTPException: 404 for whoever keeps none.
    """
    hat = visit.me.hat
    if hat is None or hat.role not in WEIGHTY:
        visit.nothing()
    return hat.role


async def _people(visit: Visit) -> list[Person]:
    """Whoever acts for one's organisation; operations see every account."""
    me, house = visit.me, visit.house
    kept_under = scope(me.realm.id)
    lines = [
        line
        for line in await house.accounts.lines(me.realm.id, limit=SHOWN)
        if line.realm == kept_under
    ]
    known = {line.person: line for line in lines}
    reading = house.office.reading
    grants = await reading.people_of(me.organisation, me.at, me.realm.id)
    found = {
        item.person: Person(item.person, item.name, ROLES[item.role], known.get(item.person))
        for item in grants
    }
    if me.actor.role == "operations":
        names = await reading.names_of(known, me.realm.id)
        for person, line in known.items():
            found.setdefault(person, Person(person, names.get(person, ""), "", line))
    return sorted(found.values())


PAGES = (
    Page(PATH, accounts),
    Page(PATH + "/hedui", check, ("POST",)),
    Page(PATH + "/yaoqing", invite, ("POST",)),
    Page(PATH + "/chongzhi", reset, ("POST",)),
    Page(PATH + "/tingyong", disable, ("POST",)),
)
