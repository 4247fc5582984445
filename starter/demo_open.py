"""What `zhiping demo --keep` leaves open: a rehearsal with fresh cases, and accounts to do them by clicks.

The seasons that were played are over. So each notice gets a rehearsal of its own at the first day of
its window, with an application or two, and an account for everybody on their way. The accounts reach
that rehearsal alone and share one password, which is made anew each time.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from activities.accounts.logins import new_token, token_hash
from activities.accounts.store import Accounts
from activities.views import MemberGrant
from activities.wording import label
from config import submission_files
from config.settings import Settings
from starter import tables
from starter.desk.office import Office, opened
from starter.desk.refusing import NoAnswer
from starter.desk.submitting import submitted
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World
from workflows.rules.message import local

CONNECTIONS = 4
ROUTES = ("city_unit", "district_unit")
MORNING = time(9)


@dataclass(frozen=True)
class Login:
    """Who signs in where, and as what."""

    login: str
    name: str
    organisation: str
    role: str


async def left_open(world: World, settings: Settings, campaigns: Iterable[str]) -> None:
    """Open a rehearsal of each notice that is published here, tell its accounts, and wait to be stopped."""
    password = f"yanshi-{secrets.token_hex(4)}"
    async with opened(settings, connections=CONNECTIONS) as office:
        for campaign in campaigns:
            policy = await office.reading.policy(campaign)
            if policy is None:  # a notice of a file is its rehearsal's own
                tables.show(
                    f"{campaign} 只在刚才的演练中公布，没有另开试办；须试办的请先公布通知。"
                )
                continue
            at = local(datetime.combine(policy.windows.application.starts_on, MORNING))
            realm = f"shiban-{campaign}"
            await office.intake.open_realm(realm, at, title=f"{policy.document} 试办")
            on_the_way = {policy.committee.office, policy.committee.city_office}
            for route in ROUTES:
                on_the_way |= await _submitted(office, campaign, realm, route)
            made = await _accounts(world, office, realm, on_the_way, at, password)
            _tell(f"{policy.document}（{campaign}）", made)
    tables.show(
        tables.facts(
            "网页已经打开",
            [
                ("地址", str(settings.console_url)),
                ("密码", f"{password}（以上账户相同，仅限本次演示）"),
                ("停止", "按 Ctrl-C"),
            ],
        )
    )
    await _stopped()


async def _submitted(office: Office, campaign: str, realm: str, route: str) -> set[str]:
    """Submit the sample of a route; the organisations on its way."""
    document = submission_files.sample(route, campaign)
    try:
        receipt = await submitted(office, document, campaign, await office.realm(realm))
    except NoAnswer as no:  # a notice without this route
        tables.show(f"  {label('routes', route)}：没有提交。{no}")
        return set()
    case = await office.case(receipt.application, realm)
    return {place.organisation for place in case.places}


async def _accounts(
    world: World,
    office: Office,
    realm: str,
    organisations: Iterable[str],
    at: datetime,
    password: str,
) -> list[Login]:
    """An account for everybody who may act for one of these, with its password set."""
    accounts, stage, made = Accounts(office.pool, office.identity), Stage(world), []
    names = await office.reading.organisation_names(organisations, realm)
    people: dict[str, MemberGrant] = {}
    for organisation in names:
        for member in await office.reading.people_of(organisation, at, realm):
            people.setdefault(member.person, member)
    for person, member in sorted(people.items()):
        token = new_token()
        login = f"{person}.{realm.partition('-')[2]}"
        stated = {"person": person, "login": login, "token_hash": token_hash(token).hex()}
        await stage.operate("invite_account", stated, at, realm=realm)
        await accounts.accept(token, password)
        role = "负责人" if member.role == "supervisor" else "经办人"
        made.append(Login(login, member.name, names[member.organisation], role))
    return sorted(made, key=lambda item: (item.organisation, item.login))


def _tell(notice: str, made: Iterable[Login]) -> None:
    tables.show(
        tables.listing(
            f"{notice} 试办：可以登录的人",
            ("登录名", "姓名", "机构", "身份"),
            [(item.login, item.name, item.organisation, item.role) for item in made],
        )
    )


async def _stopped() -> None:
    """Until Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    await stop.wait()
