"""我的账户：谁、以哪些身份、在哪些设备上登录；改密码，在其他设备上退出，换身份。"""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import RedirectResponse, Response

from activities.accounts.attempts import TooFastError
from activities.accounts.passwords import PasswordRefusedError, TooBusyError
from activities.covers import covers_of_person
from activities.database import LIVE
from activities.views import RealmView
from starter.console import cookies
from starter.console.pages import Page, Problem, Visit
from starter.console.sign_in import BUSY, count_try, too_fast, went_well
from starter.desk import standing_in

ROLES = {"member": "经办人", "supervisor": "负责人", "operations": "运行人员"}
SHOWN_REALMS = 30


async def own_account(visit: Visit) -> Response:
    """我的账户。"""
    return await _page(visit)


async def change_password(visit: Visit) -> Response:
    """Set another password; everywhere else one has to sign in with it."""
    me, house = visit.me, visit.house
    account = me.session.account
    stated = {name: str(visit.form.get(name, "")) for name in ("now", "password", "again")}
    problem: Problem | None = None
    try:
        await count_try(visit, await house.accounts.login_of(account))
        if not await house.accounts.is_password(account, stated["now"]):
            problem = Problem("现在的密码不正确。", "now")
        elif stated["password"] != stated["again"]:
            problem = Problem("两次填写的新密码不一样，请重新填写。", "again")
        else:
            await house.accounts.set_password(account, stated["password"])
    except PasswordRefusedError as err:
        problem = Problem(str(err), "password")
    except TooBusyError:
        problem = BUSY
    except TooFastError as err:
        problem = too_fast(err, "now")
    if problem is not None:
        return await _page(visit, problem)
    await went_well(visit, await house.accounts.login_of(account))
    await house.sessions.end_all(account, me.token)
    return await visit.go("/wode", "密码已更改，其他设备上已经退出。")


async def end_one(visit: Visit) -> Response:
    """Sign out on one device."""
    await visit.house.sessions.end_one(visit.me.session.account, visit.value("key"))
    return await visit.go("/wode", "已在该设备上退出。")


async def end_others(visit: Visit) -> Response:
    """Sign out everywhere but here."""
    await visit.house.sessions.end_all(visit.me.session.account, visit.me.token)
    return await visit.go("/wode", "已在其他所有设备上退出。")


async def hats(visit: Visit) -> Response:
    """换身份：替哪个机构办理，或者本人；正式办理，或者哪个演练。"""
    covers = await _covers(visit)
    return visit.page("hats.html", realms=await _realms(visit), roles=ROLES, covers=covers)


async def change_hat(visit: Visit) -> Response:
    """Go on for another organisation, or in another realm, under a new token."""
    me, house = visit.me, visit.house
    realm = visit.value("realm") or me.realm.id
    if realm not in {item.id for item in await _realms(visit)} | {me.realm.id}:
        visit.nothing()
    organisation = visit.value("organisation")
    entered = await house.office.realm(realm)
    at = await house.office.time_in(entered)
    found = await house.sessions.hats(me.person, realm, at)
    if realm != me.realm.id:
        organisation = organisation or (found[0].organisation if found else "")
    if organisation and organisation not in {hat.organisation for hat in found}:
        visit.nothing()
    session = me.session.model_copy(
        update={
            "organisation": organisation,
            "realm": realm,
            "notice": "已更换身份，之后办理的事项都以现在的身份记录。",
        }
    )
    response = RedirectResponse("/", 303)
    house.cookies.keep(response, cookies.SESSION, await house.sessions.renew(me.token, session))
    return response


async def _page(visit: Visit, *problems: Problem) -> Response:
    me, house = visit.me, visit.house
    return visit.page(
        "own_account.html",
        status=422 if problems else 200,
        login=await house.accounts.login_of(me.session.account),
        sessions=await house.sessions.all_of(me.session.account, datetime.now(UTC)),
        roles=ROLES,
        covers=await _covers(visit),
        problems=problems,
    )


async def _covers(visit: Visit) -> list[str]:
    """Whom one stands in for these days, and who for oneself, a sentence each."""
    me, office = visit.me, visit.house.office
    found = await covers_of_person(office.pool, me.person, me.realm.id, me.at)
    names = await office.reading.names_of(standing_in.people_in(found), me.realm.id)
    places = await office.reading.organisation_names(
        {item.organisation for item in found}, me.realm.id
    )
    return [
        standing_in.own_zh(item, me.person, places.get(item.organisation, item.organisation))
        for item in standing_in.named(found, names)
    ]


async def _realms(visit: Visit) -> tuple[RealmView, ...]:
    """The live office and the rehearsals that somebody's account reaches, the newest first."""
    me = visit.me
    if me.session.reaches:
        return (me.realm,)
    everywhere = await visit.house.office.reading.realms()
    live = [realm for realm in everywhere if realm.id == LIVE]
    rehearsals = [realm for realm in everywhere if realm.id != LIVE and realm.closed_at is None]
    return (*live, *reversed(rehearsals[-SHOWN_REALMS:]))


PAGES = (
    Page("/wode", own_account),
    Page("/wode/mima", change_password, ("POST",)),
    Page("/wode/tuichu", end_one, ("POST",)),
    Page("/wode/quanbu-tuichu", end_others, ("POST",)),
    Page("/shenfen", hats),
    Page("/shenfen/huan", change_hat, ("POST",)),
)
