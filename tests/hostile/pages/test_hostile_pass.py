"""Whoever means harm at every address: odd addresses, script, formulas, forged forms, words in the log."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from openpyxl import load_workbook
from starlette.types import Message

from activities.database import Pool
from activities.identity import Identity
from activities.pending_acts import PendingActs
from config.logging import configure_logging
from starter.console import bodies
from starter.console.application import application
from starter.console.forgery import form_token
from starter.console.house import house_of
from starter.console.routes import PAGES
from starter.desk.act_form import ACTS as CASE_WORDS
from starter.desk.act_form import Widget, fields_of
from starter.desk.office import Office as Desk
from tests.console.at_once import AtOnce
from tests.console.conftest import ORIGIN
from tests.fixtures.record import Office
from tests.hostile.pages.table import COME, SUBJECTS, plain, told
from tests.hostile.pages.test_cases import RETURNS, WHOLE
from tests.hostile.pages.world import PEOPLE, World
from tests.hostile.test_who_may import CASES, moment_of
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import may
from workflows.writer.messages import Act, Actor

pytestmark = pytest.mark.integration

PARTS = ("year", "month", "day", "time")
SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7919*7907}}"
RAW = re.compile(r"<script|<img|onerror=alert\(1\)>|62615533", re.IGNORECASE)
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "　=1",
    "＝1",
    "\r=1",
    "=cmd|' /C calc'!A0",
)
ACTIVE = tuple("=+-@＝＋－＠\t\r")
ODD_PARTS = (
    "%00",
    "a%00b",
    "%0d%0aset-cookie:a=b",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e%252f",
    "%ff%fe",
    "%ed%a0%80",
    "%e2%80%ae",
    "%F0%9F%98%80",
    "x" * 3000,
    "'%20or%201=1--",
    "{{7*7}}",
    "-1",
    "0",
    "9" * 9,
    "9" * 18,
    "9" * 30,
    "9" * 5000,
    "1e3",
    "%EF%BC%97",
    "1;drop%20table",
)
ODD_QUERIES = (
    "pici=" + "9" * 9,
    "pici=" + "9" * 30,
    "pici=" + "9" * 5000,
    "pici=-1",
    "pici=%00",
    "pici=%EF%BC%97",
    "hou=%00",
    "hou=x",
    "hou=" + "x" * 5000,
    "hou=%ff",
    "after=%00",
    "after=bm90aGluZw",
    "tongzhi=%00",
    "huanjie=%00",
    "jieguo=x",
    "shixiang=%00",
    "qixian=%00",
    "xiugai=%00",
    "xiugai=" + "x" * 3000,
    "xiazai=exe",
    "xiazai=csv&hou=%00",
    "kan=%00",
    "dao=%00",
    "dao=//evil.test",
    "&&&=%",
)


def roomy(world: World) -> dict[str, str]:
    """Something sound for every part, so that one of them can be odd."""
    names = {name for page in PAGES for name in re.findall(r"\{(\w+)", page.path)}
    return dict.fromkeys(names, "x") | {"page": "1", "what": "tongzhi"} | world.there.parts


async def test_no_odd_address_is_a_fault_of_ours(world: World) -> None:
    """Encoded strokes, dots, NUL, huge numbers, overlong ones: an answer each, and no header of theirs."""
    token = await world.signed_in("operator", "live")
    chen = await world.signed_in("head of another office", "live")
    found: list[object] = []
    paths = sorted({page.path for page in PAGES if "GET" in page.methods})
    tried = [
        (path, plain(path, **roomy(world) | {name: odd}))
        for path in paths
        for name in re.findall(r"\{(\w+)", path)
        for odd in ODD_PARTS
    ]
    for turn, (path, here) in enumerate(tried):
        if not WHOLE and turn % 3:
            continue
        said = await world.get(chen if turn % 2 else token, here)
        if said.status_code not in (200, 303, 400, 404, 405, 410, 422):
            found.append((path, here[:90], said.status_code))
        if "a=b" in str(said.headers.get("set-cookie", "")):
            found.append((path, here[:90], said.headers))
    assert not found, told(found)


async def test_no_odd_query_is_a_fault_of_ours(world: World) -> None:
    token = await world.signed_in("operator", "live")
    chen = await world.signed_in("head of another office", "live")
    found: list[object] = []
    for page in PAGES:
        if "GET" not in page.methods:
            continue
        here = plain(page.path, **roomy(world))
        for turn, query in enumerate(ODD_QUERIES, len(page.path)):
            if not WHOLE and turn % 3:
                continue
            said = await world.get(chen if turn % 2 else token, f"{here}?{query}")
            if said.status_code >= 500 or "evil.test" in said.headers.get("location", ""):
                found.append((page.path, query[:60], said.status_code))
    assert not found, told(found)


async def test_no_odd_field_is_a_fault_of_ours(world: World, published: Office) -> None:
    """NUL, half a character, turned writing and a very long text in whatever field a form has."""
    world.house.office.__dict__["engine"] = AtOnce(published)
    found: list[object] = []
    odd = ("\x00", "a\x00b", "\u202e倒", "９" * 400, "9" * 5000, "../..", "{{7*7}}", "=1+1")
    for page in PAGES:
        if "POST" not in page.methods or page.path in ("/tuichu", "/wode/quanbu-tuichu"):
            continue
        here = plain(page.path, **roomy(world) | {"answer": "queren", "act": "accept"})
        names = (
            "xingming",
            "zhengjian",
            "bianhao",
            "tongzhi",
            "huanjie",
            "number",
            "person",
            "login",
            "what",
        )
        more = ("request", "dao", "name", "code", "secret", "day-year", "day-month", "day-day")
        last = (
            "organisation",
            "realm",
            "key",
            "hou",
            "application",
            "reason",
            "whom",
            "by",
            "years",
        )
        for who in ("operator", "head of another office"):
            token = await world.signed_in(who, "live")
            for shift in (0, 3, 6):
                fields = enumerate((*names, *more, *last))
                stated = {name: odd[(place + shift) % len(odd)] for place, name in fields}
                said = await world.post(token, here, stated)
                if said.status_code >= 500 and said.status_code != 503:
                    found.append((page.path, who, shift, said.status_code))
            if page.path.startswith("/shenfen"):
                world.tokens.clear()
    assert not found, told(found)


WEARERS = ("clerk of the unit", "clerk of the chain", "head of the office", "the applicant")


def doers() -> Iterator[tuple[str, str, str]]:
    """For each act a stage and somebody who may do it there."""
    for act in CATALOGUE:
        for stage, case in CASES.items():
            found = [
                who
                for who in (*WEARERS, "head of the city office")
                if may(case, act, _in(case, who), moment_of(case)) is None
            ]
            if found:
                yield act, stage, found[0]
                break


def _in(case: Case, who: str) -> Actor:
    """Somebody on a case that is not placed in a realm yet."""
    actor = PEOPLE[who].actor
    return actor.model_copy(update={"person": case.person}) if who == "the applicant" else actor


async def test_script_in_every_field_of_every_act_comes_back_as_text(world: World) -> None:
    found: list[object] = []
    shown = tried = 0
    for act, stage, who in doers():
        case = world.cases[stage]
        token = await world.signed_in(who, case.realm)
        stated = {"qingqiu": str(uuid4())}
        for item in fields_of(CATALOGUE[act].payload, CASE_WORDS):
            stated |= dict.fromkeys((item.key, *(f"{item.key}-{part}" for part in PARTS)), SCRIPT)
            for cell in item.rows if item.widget is Widget.ROWS else ():
                stated[f"{item.key}.0.{cell.name}"] = SCRIPT
        form = "tuihui" if act in RETURNS else "ban"
        path = f"/anjuan/{case.application}/{form}/{act}"
        said = await world.post(token, path, stated)
        if said.status_code == 303:
            said = await world.get(token, said.headers["location"])
        tried += 1
        shown += "alert(1)" in said.text
        if (wrong := RAW.search(said.text)) or said.status_code >= 500:
            found.append((stage, who, act, said.status_code, wrong))
    assert not found, told(found)
    assert (tried > 25, shown > 15) == (True, True), (tried, shown)


async def test_script_in_whatever_is_stored_comes_back_as_text(
    world: World, owner: Pool, identity: Identity
) -> None:
    """Names, contacts, reasons and papers' words: on every page that shows them, to whoever sees them."""
    await spoil(owner, identity, SCRIPT)
    found: list[object] = []
    shown = 0
    for who, subjects in (
        ("operator", SUBJECTS),
        ("head of another office", ("own", "register")),
        ("head of the unit", ("own", "register")),
    ):
        token = await world.signed_in(who, "live")
        for subject in subjects:
            for address in COME[subject]:
                method, _, path = address.partition(" ")
                if method == "GET":
                    said = await world.get(token, plain(path, **roomy(world)))
                    shown += "alert(1)" in said.text
                    if RAW.search(said.text) or said.status_code >= 500:
                        found.append((who, path, said.status_code, RAW.search(said.text)))
    case = world.cases["committee_correction"]
    for who in ("clerk of the unit", "head of the office", "the applicant", "operator"):
        token = await world.signed_in(who, case.realm)
        for part in (
            "",
            "/cailiao",
            "/qixian",
            "/tongzhi",
            "/wenshu",
            "/tuihui/return_for_correction",
        ):
            said = await world.get(token, f"/anjuan/{case.application}{part}")
            shown += "alert(1)" in said.text
            if RAW.search(said.text) or said.status_code >= 500:
                found.append((who, part, said.status_code, RAW.search(said.text)))
    assert not found, told(found)
    assert shown > 40


async def spoil(owner: Pool, identity: Identity, words: str) -> None:
    """Write something into whatever is told of people and organisations."""
    await owner.execute("UPDATE organisation SET name = $1, contact = $1, phone = $1", words)
    await owner.execute("UPDATE person SET name = $1", identity.seal(words, "person.name"))
    await owner.execute("UPDATE draft SET name = $1", identity.seal(words, "person.name"))


async def test_no_list_that_is_taken_along_carries_a_formula(
    world: World, owner: Pool, identity: Identity
) -> None:
    found: list[object] = []
    token = await world.signed_in("operator", "live")
    chen = await world.signed_in("head of another office", "live")
    texts = 0
    for formula in FORMULAS:
        await spoil(owner, identity, formula)
        for address in COME["taken"]:
            path = address.partition(" ")[2]
            here = world.of(path)
            by = chen if path == "/jiaofei" else token
            sheet = await world.get(by, f"{here}?xiazai=csv")
            assert sheet.status_code == 200, here
            for row in csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))):
                for cell in row:
                    texts += 1
                    first = cell.lstrip(" \u3000\ufeff")[:1]
                    if (first in ACTIVE or cell[:1] in ACTIVE) and cell:
                        found.append((path, formula, cell))
            book = await world.get(by, f"{here}?xiazai=xlsx")
            page = load_workbook(io.BytesIO(book.content)).worksheets[0]
            for line in page.iter_rows():
                found += [(path, cell.value) for cell in line if cell.data_type == "f"]
    assert not found, told(found)
    assert texts > 500


async def test_what_was_sent_is_not_changed_by_the_same_form_with_other_words(
    world: World,
) -> None:
    """A replay under the same request id: before it is sent it is typed anew, afterwards it stays."""
    case = world.cases["unit_review"]
    office = world.house.office
    acts = PendingActs(office.pool, office.identity)
    clerk = await world.signed_in("clerk of the unit", case.realm)
    path = f"/anjuan/{case.application}/ban/decline_recommendation"
    request = str(uuid4())
    for words in ("第一稿", "第二稿"):
        said = await world.post(clerk, path, {"qingqiu": request, "reason": words})
        assert said.status_code == 303, unescape(said.text)
    account = world.there.accounts["unit-clerk"]
    typed = await acts.find(request, account)
    assert typed is not None
    assert typed.typed["reason"] == ["第二稿"]
    taken = await acts.take(typed, await _an_act(request))
    assert taken.state == "sent"
    for who, realm in (("clerk of the unit", case.realm), ("colleague in the unit", case.realm)):
        other = await world.signed_in(who, realm)
        await world.post(other, path, {"qingqiu": request, "reason": "偷换"})
    kept_act = await acts.find(request, account)
    assert kept_act is not None
    assert kept_act.typed["reason"] == ["第二稿"]
    assert await acts.find(request, world.there.accounts["unit-er"]) is None


async def _an_act(request: str) -> Any:
    return Act(request_id=request, actor=PEOPLE["clerk of the unit"].actor, payload={})


def test_of_a_fault_the_log_has_the_kind_and_the_place_and_no_word_that_was_stated() -> None:
    """A library quotes what it could not take: the driver, the reader of dates, whoever it is."""
    out = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    configure_logging("json", "DEBUG", role="console", stream=out, wordless=True)
    try:
        try:
            try:
                raise ValueError("invalid input for query argument $1: '张三 990000198003079013'")
            except ValueError as err:
                raise RuntimeError("重庆张三") from err
        except RuntimeError as err:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
            logging.getLogger("asyncio").warning("Task exception was never retrieved\n%r", err)
            logging.getLogger("x").warning("a fault", exc_info=err)
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    said = out.getvalue()
    assert "张三" not in said
    assert "99000019" not in said
    assert said.count("builtins.RuntimeError") == 2
    assert said.count("builtins.ValueError") == 2
    assert "test_hostile_pass.py" in said


async def test_who_brings_a_byte_now_and_then_is_not_waited_for() -> None:
    """Each comes in time, and the whole never: it ends when its time is up."""

    async def slowly() -> Message:
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": b"x", "more_body": True}

    channel = bodies.bounded(slowly, 1_000_000, seconds=10, whole=0.05)

    async def all_of_it() -> None:
        while True:
            await channel()

    with pytest.raises(bodies.TooSlowError):
        await all_of_it()


async def test_every_cookie_is_for_this_host_over_https_alone(world: World) -> None:
    office = world.house.office
    settings = office.settings.model_copy(update={"console_url": "https://console.test"})
    desk = Desk(settings, office.pool, office.identity, office.intake)
    transport = httpx2.ASGITransport(application(house_of(desk)), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://console.test") as client:
        came = await client.get("/denglu")
        sized = await client.post(
            "/dazi",
            data={"csrf": form_token(client.cookies["__Host-zhiping-before"]), "large": "1"},
            headers={"origin": "https://console.test"},
        )
    set_ = [cookie for said in (came, sized) for cookie in said.headers.get_list("set-cookie")]
    assert len(set_) >= 2
    for cookie in set_:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-"), cookie
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts, cookie
        assert not any(part.startswith("domain") for part in parts), cookie
    assert came.headers["strict-transport-security"]


async def test_where_a_request_says_it_came_to_moves_nobody(world: World) -> None:
    """Host and the headers of a proxy that is none: no address of theirs is in any answer."""
    token = await world.signed_in("head of another office", "live")
    for name in ("host", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-original-url"):
        for path in ("/", "/denglu", "/daiban", "/none", "/zhanghu"):
            said = await world.client.get(
                path, headers={name: "evil.test", "cookie": f"zhiping={token}"}
            )
            assert "evil.test" not in said.text, (name, path)
            assert "evil.test" not in str(said.headers), (name, path)
    said = await world.client.post(
        "/zhanghu/yaoqing",
        data={"csrf": form_token(token), "person": "chen", "login": "chen"},
        headers={"host": "evil.test", "origin": ORIGIN, "cookie": f"zhiping={token}"},
    )
    assert "evil.test" not in said.text
