"""Every other address by everybody: meetings in every phase, registers, one's own, and nobody signed in."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import httpx2
import pytest

from starter.console.days import PARTS
from starter.console.routes import PAGES
from starter.desk.meeting_page import page_of
from tests.console.at_once import AtOnce
from tests.fixtures.record import Office
from tests.hostile.operating import ALLOWED
from tests.hostile.pages.table import COME, SUBJECTS, plain, told
from tests.hostile.pages.world import CITY, DEPARTMENT, DISTRICT, OTHER_OFFICE, PEOPLE, UNIT, World
from tests.hostile.test_who_may import TABLE, differences
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.decision import may
from workflows.rules.message import BEIJING

pytestmark = pytest.mark.integration

WHOLE = os.environ.get("ZHIPING_PAGES") == "all"
PROBLEM = re.compile(r'<a href="#[\w-]+">([^<]+)</a>')
FORM = re.compile(r'name="qingqiu" value="[0-9a-f-]{36}"')
MEETS = datetime(2023, 12, 4, 9, tzinfo=BEIJING)
NOT_FOR_PEOPLE = frozenset({"amend", "nudge", "resume", "note_case", "plan", "no-such-act"})
SIGNED_OUT = frozenset({"POST /tuichu", "POST /wode/quanbu-tuichu", "POST /shenfen/huan"})
"""What ends or renews the visitor's own session; `tests/console/test_sign_in.py` has them."""


def test_the_table_has_every_address_and_no_other() -> None:
    """A route without a row is a page that nobody looked at."""
    stated = [address for subject in SUBJECTS for address in COME[subject]]
    routes = [f"{method} {page.path}" for page in PAGES for method in page.methods]
    assert sorted(stated) == sorted(routes)
    assert set(COME["taken"]) <= set(routes)
    assert set(COME["weighty"]["pages"]) <= {page.path for page in PAGES}


async def test_nobody_who_is_not_signed_in_comes_further_than_the_door(world: World) -> None:
    parts = {name: "7" for name in ("case", "act", "request", "paper", "meeting", "line", "number")}
    parts |= {name: "7" for name in ("committee", "expert", "organisation", "letter", "campaign")}
    more = ("version", "year", "answer", "token", "page", "upload", "bulk", "word", "what")
    parts |= dict.fromkeys(more, "7")
    for subject in SUBJECTS:
        for address in COME[subject]:
            method, _, path = address.partition(" ")
            here = plain(path, **parts)
            said = await (world.get("", here) if method == "GET" else world.post("", here))
            if subject == "nobody":
                assert not said.headers.get("location", "").startswith("/denglu?"), address
            else:
                assert said.status_code == 303, address
                assert said.headers["location"].startswith("/denglu"), address
                assert said.content == b"", address


async def test_what_is_ones_own_is_there_for_whoever_is_signed_in(world: World) -> None:
    found = []
    realm = world.cases["unit_review"].realm
    for turn, who in enumerate(PEOPLE):
        token = await world.signed_in(who, realm)
        for place, address in enumerate(sorted(set(COME["own"]) - SIGNED_OUT)):
            if not WHOLE and (turn + place) % 4:
                continue
            method, _, path = address.partition(" ")
            here = plain(path, answer="queren")
            said = await (world.get(token, here) if method == "GET" else world.post(token, here))
            gone = said.status_code == 404
            if gone is bool(COME["own"][address]) or said.status_code >= 500:
                found.append((who, address, said.status_code))
    assert not found, told(found)


def to_meeting(who: str) -> frozenset[str]:
    """How somebody stands to a meeting of the BD committee."""
    somebody = PEOPLE[who]
    plans = {"committee_office"} if "committee_office" in somebody.stands else set()
    if somebody.elsewhere or somebody.person == "unit-former":
        return frozenset(plans)
    worn = {OTHER_OFFICE: {"office"}, CITY: {"city"}}.get(somebody.organisation, set[str]())
    if somebody.organisation == OTHER_OFFICE and somebody.role == "supervisor":
        worn = worn | {"supervisor"}
    operates = {"operations"} if somebody.role == "operations" else set()
    return frozenset(worn | operates | plans)


async def test_every_part_and_every_act_of_a_meeting_is_whose_the_tables_say(world: World) -> None:
    found: list[tuple[object, ...]] = []
    desk = world.house.office
    acts = (*MEETING_CATALOGUE, "no-such-act")
    for place, (realm, meeting) in enumerate(world.meetings.items()):
        nothing = await world.get(
            await world.signed_in("operator", realm), "/pingshenhui/none/jilu"
        )
        view = await desk.reading.meeting(meeting, realm)
        assert view is not None
        for turn, who in enumerate(PEOPLE):
            worn, somebody = to_meeting(who), PEOPLE[who]
            token = await world.signed_in(who, realm)
            for number, (address, allowed) in enumerate(COME["meeting"].items()):
                method, _, path = address.partition(" ")
                if path.endswith("{act}"):
                    continue
                if not WHOLE and (place + turn + number) % 3:
                    continue
                here = plain(path, meeting=meeting, act="open", request=str(uuid4()), page=1)
                comes = (bool(set(allowed) & worn) or "anyone" in allowed) and not (
                    somebody.elsewhere and "{meeting}" in path
                )
                stated = {"qingqiu": str(uuid4())}
                said = await (
                    world.get(token, here) if method == "GET" else world.post(token, here, stated)
                )
                if (comes and said.status_code not in (200, 422)) or (
                    not comes and (said.status_code, said.content) != (404, nothing.content)
                ):
                    found.append((realm, who, address, said.status_code))
            each = len(acts) if WHOLE else 1
            for act in (acts[(turn * 5 + place * 7 + n) % len(acts)] for n in range(each)):
                comes = bool({"office", "city"} & worn) and act not in NOT_FOR_PEOPLE
                path = f"/pingshenhui/{meeting}/ban/{act}"
                shown = await world.get(token, path)
                if not comes:
                    if (shown.status_code, shown.content) != (404, nothing.content):
                        found.append((realm, who, act, shown.status_code))
                    continue
                page = await page_of(desk, view, (somebody.person, somebody.organisation))
                assert page.stored is not None
                assert page.actor is not None
                at = await desk.time_in(await desk.realm(realm))
                core = may(page.stored, act, page.actor, at)
                form = bool(FORM.search(shown.text))
                shows = {"may"} if form else {core.code.value if core else ""}
                wrong = differences(worn, {"among": {}, **TABLE["meeting"]}, act, shows)
                if wrong or form is not (core is None):
                    found.append((realm, who, act, wrong, form, core))
                sent = await world.post(token, path, {"qingqiu": str(uuid4())})
                if sent.status_code not in (303, 422) or (sent.status_code == 303 and core):
                    found.append((realm, who, act, "POST", sent.status_code, core))
    assert not found, told(found)


def to_registers(who: str) -> frozenset[str]:
    """How somebody stands to what the offices keep, and to the unit."""
    somebody = PEOPLE[who]
    if somebody.person == "unit-former":
        return frozenset()
    here = {
        UNIT: {"own"},
        DEPARTMENT: {"superior"},
        DISTRICT: {"superior"},
        CITY: {"superior"},
        OTHER_OFFICE: {"its_office", "own_money", "office"},
    }.get(somebody.organisation, set[str]())
    acts = {"hat"} if somebody.organisation else set()
    leads = {"own_supervisor"} if who == "head of the unit" else set()
    return frozenset(somebody.stands | here | leads | acts)


DAYS = {"starts_on-year": "2024", "starts_on-month": "1", "starts_on-day": "2"}
DECIDED = {"decided_on-year": "2023", "decided_on-month": "9", "decided_on-day": "1"}
WHOM = {"by": "person", "whom": "chu", "reason": "伪造材料", "document": "文〔2023〕2号"}
OPERATES: dict[str, tuple[str, dict[str, str]]] = {
    "/zhanghu/yaoqing": ("invite_account", {"person": "unit-other", "login": "unit-other"}),
    "/zhanghu/chongzhi": ("reset_account", {"person": "unit-other"}),
    "/zhanghu/tingyong": ("disable_account", {"person": "unit-other"}),
    "/jiaofei/{line:number}": ("resolve_payment", {"what": "dismiss", "reason": "已退"}),
    "/chengxin/yingxiangqi/xin": ("enter_bar", {**WHOM, **DAYS, "years": "2"}),
    "/chengxin/jilu/xin": (
        "record_integrity",
        {
            **WHOM,
            **DECIDED,
            "subject": "applicant",
            "conduct": "false_certificate",
            "decided_by": CITY,
        },
    ),
    "/chengxin/xiwai/xin": (
        "record_outside_application",
        {**WHOM, "year": "2023", "channel": "normal", "state": "used"},
    ),
    "/chengxin/yingxiangqi/{number:number}/jiechu": ("lift_bar", {"reason": "撤销"}),
    "/chengxin/yingxiangqi/{number:number}/gengzheng": (
        "correct_integrity",
        {"document": "文〔2023〕3号", "reason": "笔误"},
    ),
    "/chengxin/jilu/{number:number}/gengzheng": (
        "correct_integrity",
        {"document": "文〔2023〕4号", "reason": "笔误"},
    ),
    "/zhuanjia/{committee}/{expert}/tuichu": ("retire_expert", {"reason": "调离"}),
    "/minglu/{organisation}/shouquan": ("grant", {"person": "chu"}),
    "/minglu/{organisation}/shouhui": ("revoke_grant", {"person": "unit-last"}),
    "/minglu/{organisation}/daili/zhiding": (
        "name_deputy",
        {
            "principal": "unit-head",
            "deputy": "unit-er",
            "reason": "出差",
            **{
                f"from-{part}": value for part, value in zip(PARTS, ("2030", "1", "2"), strict=True)
            },
            **{f"to-{part}": value for part, value in zip(PARTS, ("2030", "1", "3"), strict=True)},
        },
    ),
    "/minglu/{organisation}/daili/zhongzhi": ("end_deputy", {"cover": "cover-unit-last"}),
    "/minglu/{organisation}/lianxi": (
        "change_address",
        {"phone": "023-00009999", "source": "来函"},
    ),
    "/youjian/{letter}": ("resend_letter", {}),
}
"""What a register's form asks of the operations, and what somebody honest states in it."""


@dataclass
class Clerk:
    """Somebody at the registers, and what is not as the tables say."""

    world: World
    engine: AtOnce
    who: str
    token: str
    nothing: bytes
    found: list[tuple[object, ...]]
    tried: int = 0

    @property
    def worn(self) -> frozenset[str]:
        return to_registers(self.who)

    async def comes(self, address: str, allowed: Sequence[str]) -> None:
        """Look at an address, or hand in what somebody honest states there."""
        method, _, path = address.partition(" ")
        kind, stated = OPERATES.get(path, ("", {"what": "tingyong", "person": "unit-er"}))
        if kind:
            stated = {**stated, "qing": uuid4().hex[:24]}
        if kind == "change_address":  # each asks for another one
            stated = {**stated, "phone": f"023-{uuid4().int % 10**8:08}"}
        before = len(self.engine.asked)
        here = self.world.of(path)
        said = await (
            self.world.get(self.token, here)
            if method == "GET"
            else self.world.post(self.token, here, stated)
        )
        if not self._may(allowed):
            self._need_nothing(address, said)
            return
        if said.status_code in (404, 405) or said.status_code >= 500:
            self.found.append((self.who, address, said.status_code))
        if method == "POST" and kind:
            self.tried += 1
            asked = len(self.engine.asked) > before
            no = asked and self._is_refused()
            if not asked or no is bool(self.worn & set(ALLOWED[kind])):
                wrong = PROBLEM.findall(said.text)
                self.found.append((self.who, address, kind, asked, self.engine.last, wrong))

    async def takes(self, address: str, allowed: Sequence[str]) -> None:
        """Take a list along."""
        path = self.world.of(address.partition(" ")[2])
        said = await self.world.get(self.token, f"{path}?xiazai=csv")
        if not self._may(allowed):
            self._need_nothing(address, said)
        elif not said.headers.get("content-disposition", "").startswith("attachment"):
            self.found.append((self.who, address, "taken", said.status_code))

    def _may(self, allowed: Sequence[str]) -> bool:
        return "anyone" in allowed or bool(set(allowed) & self.worn)

    def _is_refused(self) -> bool:
        last = self.engine.last
        return last is not None and "not_entitled" in {no.code.value for no in last.refusals}

    def _need_nothing(self, address: str, said: httpx2.Response) -> None:
        if (said.status_code, said.content) != (404, self.nothing):
            self.found.append((self.who, address, said.status_code))


async def test_every_register_is_read_and_written_by_whom_the_tables_say(
    world: World, published: Office
) -> None:
    engine = AtOnce(published)
    world.house.office.__dict__["engine"] = engine
    found: list[tuple[object, ...]] = []
    nothing = await world.get(await world.signed_in("operator", "live"), "/shenji/none")
    tried = 0
    for who, somebody in PEOPLE.items():
        if somebody.elsewhere:
            continue
        token = await world.signed_in(who, "live")
        clerk = Clerk(world, engine, who, token, nothing.content, found)
        for address, allowed in COME["register"].items():
            await clerk.comes(address, allowed)
        for address, allowed in COME["taken"].items():
            await clerk.takes(address, allowed)
        tried += clerk.tried
    assert not found, told(found)
    assert tried > 60


async def test_what_is_weighty_asks_for_the_password_again(world: World) -> None:
    """Of whoever may come at all, before a form is shown and before one is taken; nothing is asked."""
    found = []
    pages = {page.path: page for page in PAGES}
    for who, worn in (
        ("head of another office", to_registers("head of another office")),
        ("head of the unit", to_registers("head of the unit")),
        ("operator", to_registers("operator")),
    ):
        token = await world.signed_in(who, "live", proved=False)
        for path in COME["weighty"]["pages"]:
            for method in ("GET", "POST"):
                address = f"{method} {path}"
                allowed = {**COME["register"], **COME["own"]}.get(address)
                if allowed is None or not ("anyone" in allowed or set(allowed) & worn):
                    continue
                here = world.of(path.replace("{answer}", "queren"))
                said = await (
                    world.get(token, here) if method == "GET" else world.post(token, here)
                )
                to = said.headers.get("location", "")
                if said.status_code != 303 or not to.startswith("/denglu/queren"):
                    found.append((who, address, said.status_code, to))
    assert pages
    assert not found, told(found)
