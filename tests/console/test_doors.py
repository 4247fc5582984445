"""Every door asks who, and takes only what a page of ours sent: whoever means harm comes by them all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from html import escape

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from activities.database import Pool
from activities.identity import Identity
from starter.console import bodies
from starter.console.acting import MOST_FILES
from starter.console.forgery import form_token, is_ours
from starter.console.headers import ALWAYS
from starter.console.house import House
from starter.console.pages import Needs, local_path
from starter.console.routes import PAGES
from tests.console.conftest import ORIGIN, PASSWORD, Come, Invite, Open

pytestmark = pytest.mark.integration

OPEN = {
    *("/denglu", "/yaoqing/{token}", "/dazi"),
    *("/denglu/tongyi", "/denglu/tongyi/huilai"),
}
"""Where nobody need be signed in: signing in, and the size of the type."""
PART = re.compile(r"\{\w+(?::(\w+))?\}")
SCRIPT = '"><script>alert(1)</script>'
ELSEWHERE = (
    "https://evil.test/",
    "//evil.test/",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "http:evil.test",
    "javascript:alert(1)",
    "evil.test",
    "/\t/evil.test",
    "/%0d%0aset-cookie:a=b\r\nset-cookie: a=b",
    "/\r\nlocation: https://evil.test",
    " https://evil.test",
    "/а\u0000",
    "http://[",
)


def plain(path: str) -> str:
    """An address with something in the place of its parts."""
    return PART.sub(lambda part: "7" if part.group(1) == "number" else "x", path)


async def test_only_these_doors_open_to_nobody(browser: Open, published: object) -> None:
    assert {page.path for page in PAGES if page.needs is Needs.NOBODY} == OPEN
    for page in PAGES:
        if page.path in OPEN:
            continue
        for method in page.methods:
            came = browser()
            await came.get("/denglu")
            answer = await (
                came.get(plain(page.path)) if method == "GET" else came.post(plain(page.path))
            )
            assert answer.status_code == 303, page.path
            assert answer.headers["location"].startswith("/denglu"), page.path
            assert answer.text == ""


async def test_beside_the_pages_there_is_nothing(console: Starlette) -> None:
    paths = {str(getattr(route, "path", route)) for route in console.routes}
    assert paths == {page.path for page in PAGES} | {"/healthz", "/static"}


async def test_without_a_provider_there_is_no_way_by_one(browser: Open, published: object) -> None:
    came = browser()
    for path in ("/denglu/tongyi", "/denglu/tongyi/huilai?state=a&code=b"):
        assert (await came.get(path)).status_code == 404
    await came.get("/denglu")
    assert "tongyi" not in came.page


async def test_what_is_not_there_is_not_there(browser: Open, published: object) -> None:
    came = browser()
    for path in (
        "/wode/",
        "/anjuan/../wode",
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/..%2fpages.py",
        "/static//etc/passwd",
        "/static/",
        "/.env",
        "/denglu/%00",
        "/%ff%fe",
        "/yaoqing/",
        "/yaoqing/a/b",
        "/" + "x" * 5000,
    ):
        answer = await came.get(path)
        assert answer.status_code in {303, 404}, path
        assert "import" not in answer.text, path


async def test_every_answer_says_what_a_browser_may_do_with_it(
    newcomer: Come, browser: Open
) -> None:
    liu, nobody = await newcomer("liu"), browser()
    for answer in (
        await liu.get("/"),
        await liu.get("/none"),
        await nobody.get("/"),
        await nobody.get("/denglu"),
        await nobody.client.post("/denglu"),
        await nobody.client.put("/denglu"),
    ):
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
        assert answer.headers["cache-control"] == "no-store"
    style = await nobody.get("/static/console.css")
    assert "immutable" in style.headers["cache-control"]
    page = (await liu.get("/wode")).text
    for inline in ("<script", " style=", " onclick=", "javascript:", "http://", "https://"):
        assert inline not in page


FORGED: Mapping[str, Mapping[str, str]] = {
    "from another site": {"origin": "https://evil.test"},
    "from another port": {"origin": "http://console.test:8080"},
    "from a sandbox": {"origin": "null"},
    "across sites": {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
    "from a neighbour's host": {"origin": ORIGIN, "sec-fetch-site": "same-site"},
    "typed in": {"origin": ORIGIN, "sec-fetch-site": "none"},
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_form_from_elsewhere_does_nothing(newcomer: Come, how: str, pool: Pool) -> None:
    liu = await newcomer("liu")
    before = await pool.fetch("SELECT token_hash FROM session")
    for page in PAGES:
        if "POST" in page.methods:
            await liu.get("/")
            answer = await liu.post(plain(page.path), headers={**FORGED[how]})
            assert answer.status_code == 403, page.path
    assert await pool.fetch("SELECT token_hash FROM session") == before


async def test_a_form_without_its_token_or_with_anothers_does_nothing(
    newcomer: Come, browser: Open, pool: Pool
) -> None:
    liu, chen, nobody = await newcomer("liu"), await newcomer("chen"), browser()
    await chen.get("/")
    await nobody.get("/denglu")
    before = await pool.fetch("SELECT token_hash FROM session ORDER BY 1")
    wrong = ("", "A", "A" * 88, "é", chen.token()["csrf"], nobody.token()["csrf"])
    for page in PAGES:
        if "POST" in page.methods:
            for token in wrong:
                answer = await liu.post(plain(page.path), {"csrf": token})
                assert answer.status_code == 403, (page.path, token)
    assert await pool.fetch("SELECT token_hash FROM session ORDER BY 1") == before


async def test_signing_in_cannot_be_forged_either(newcomer: Come, browser: Open) -> None:
    """Else somebody works in an account that another one reads."""
    await newcomer("liu")
    victim = browser()
    stated = {"name": "liu", "password": PASSWORD, "csrf": form_token("known")}
    answer = await victim.client.post("/denglu", data=stated, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    victim.client.cookies.set("zhiping-before", "known", domain="console.test")
    forged = await victim.client.post(
        "/denglu", data=stated, headers={"origin": "https://evil.test"}
    )
    assert forged.status_code == 403


def test_a_token_is_another_on_each_page_and_belongs_to_its_cookie() -> None:
    made = {form_token("cookie") for _ in range(50)}
    assert len(made) == 50
    assert all(is_ours("cookie", token) for token in made)
    assert not any(is_ours(other, token) for token in made for other in ("", "cooki", "cookie "))


async def test_a_token_planted_before_is_nobodys_after(
    newcomer: Come, browser: Open, pool: Pool
) -> None:
    await newcomer("liu")
    victim = browser()
    victim.client.cookies.set("zhiping", "planted", domain="console.test")
    await victim.sign_in("liu")
    planted = [item.value for item in victim.client.cookies.jar if item.name == "zhiping"]
    assert len(set(planted) - {"planted"}) == 1
    attacker = browser()
    attacker.client.cookies.set("zhiping", "planted", domain="console.test")
    assert (await attacker.get("/")).status_code == 303
    assert await pool.fetchval("SELECT count(*) FROM session") == 2


async def test_each_step_up_is_under_another_token_and_the_one_before_is_dead(
    newcomer: Come, browser: Open
) -> None:
    zhou = await newcomer("zhou")
    tokens = [zhou.cookie]
    await zhou.get("/shenfen")
    await zhou.post("/shenfen/huan", {"organisation": "", "realm": "live"})
    tokens.append(zhou.cookie)
    assert len(set(tokens)) == 2
    stale = browser()
    stale.client.cookies.set("zhiping", tokens[0], domain="console.test")
    assert (await stale.get("/wode")).status_code == 303


async def test_a_form_sent_again_after_signing_out_does_nothing(
    newcomer: Come, browser: Open
) -> None:
    liu = await newcomer("liu")
    await liu.get("/wode")
    token, form = liu.cookie, liu.token()
    await liu.post("/tuichu")
    again = browser()
    again.client.cookies.set("zhiping", token, domain="console.test")
    stated = {
        **form,
        "now": PASSWORD,
        "password": "小楼一夜听春雨-37",
        "again": "小楼一夜听春雨-37",
    }
    answer = await again.client.post("/wode/mima", data=stated, headers={"origin": ORIGIN})
    assert answer.headers["location"].startswith("/denglu")
    assert (await browser().sign_in("liu")).status_code == 303


@pytest.mark.parametrize("stated", ELSEWHERE)
async def test_nobody_is_sent_elsewhere(newcomer: Come, browser: Open, stated: str) -> None:
    assert local_path(stated) == "/"
    await newcomer("liu")
    came = browser()
    await came.get("/denglu", params={"dao": stated})
    entered = await came.post("/denglu", {"name": "liu", "password": PASSWORD, "dao": stated})
    sized = await came.client.post(
        "/dazi",
        data={"csrf": form_token(came.cookie), "dao": stated, "large": "1"},
        headers={"origin": ORIGIN},
    )
    for answer in (entered, sized):
        assert answer.headers["location"] == "/"
        assert "a=b" not in str(answer.headers)


@pytest.mark.parametrize("path", ["/", "/anjuan/application-1?sort=due", "/daiban?band=today"])
def test_an_address_of_ours_stays(path: str) -> None:
    assert local_path(path) == path


async def test_script_in_every_field_comes_back_as_text(
    newcomer: Come, browser: Open, pool: Pool, identity: Identity
) -> None:
    liu, nobody = await newcomer("liu"), browser()
    liu.client.headers["user-agent"] = SCRIPT
    await pool.execute(
        "UPDATE person SET name = $1 WHERE id = 'liu'", identity.seal(SCRIPT, "person.name")
    )
    again = browser()
    again.client.headers["user-agent"] = SCRIPT
    await again.sign_in("liu")
    for path in ("/", "/wode", "/shenfen"):
        text = (await again.get(path)).text
        assert "<script" not in text, path
        assert escape(SCRIPT, quote=False).partition(">")[2][:10] in text.replace("&#34;", '"')
    await nobody.get("/denglu", params={"dao": SCRIPT})
    answer = await nobody.post("/denglu", {"name": SCRIPT, "password": SCRIPT, "dao": SCRIPT})
    assert "<script" not in answer.text
    assert SCRIPT not in answer.text


async def test_a_body_that_is_too_large_is_turned_away(newcomer: Come, browser: Open) -> None:
    liu = await newcomer("liu")
    await liu.get("/wode")
    stated = {**liu.token(), "now": "x" * bodies.SMALL}
    answer = await liu.post("/wode/mima", stated)
    assert answer.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        yield b"csrf=" + liu.token()["csrf"].encode() + b"&now="
        while True:
            yield b"x" * 65536

    streamed = await liu.client.post(
        "/wode/mima",
        content=endless(),
        headers={"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"},
    )
    assert streamed.status_code == 413
    assert (await liu.get("/wode")).status_code == 200


async def test_a_form_with_files_takes_no_more_text_and_no_more_files_than_it_may(
    newcomer: Come, house: House
) -> None:
    """A page that takes files is none where any body may be as large as they are."""
    small_files = house.office.settings.model_copy(update={"upload_megabytes": 1})
    house.office.__dict__["settings"] = small_files
    liu = await newcomer("liu")
    await liu.get("/wode")
    path, small = "/anjuan/application-x/ban/resubmit", {"note": "x"}
    file = ("f.pdf", b"%PDF-1.7", "application/pdf")
    assert (await liu.post(path, small)).status_code == 404
    assert (await liu.post(path, small, files={"files.0.file": file})).status_code == 404
    long = {"note": "x" * bodies.SMALL}
    assert (await liu.post(path, long)).status_code == 413
    assert (await liu.post(path, long, files={"files.0.file": file})).status_code == 413
    many = [(f"files.{number}.file", file) for number in range(MOST_FILES + 1)]
    assert (await liu.post(path, small, files=many)).status_code == 400

    async def endless() -> AsyncIterator[bytes]:
        yield b"--b\r\nContent-Disposition: form-data; name=f; filename=f.pdf\r\n\r\n"
        for _ in range(MOST_FILES + 2):
            yield b"x" * 2**20

    headers = {"origin": ORIGIN, "content-type": "multipart/form-data; boundary=b"}
    streamed = await liu.client.post(path, content=endless(), headers=headers)
    assert streamed.status_code == 413


async def test_too_many_fields_are_turned_away(newcomer: Come) -> None:
    liu = await newcomer("liu")
    await liu.get("/wode")
    many = {f"f{number}": "1" for number in range(5000)}
    assert (await liu.post("/wode/mima", many)).status_code in {400, 413}


async def test_files_go_only_where_they_are_taken(newcomer: Come) -> None:
    liu = await newcomer("liu")
    await liu.get("/wode")
    answer = await liu.client.post(
        "/wode/mima",
        data=liu.token(),
        files={"now": ("a.txt", b"x")},
        headers={"origin": ORIGIN},
    )
    assert answer.status_code == 400


async def test_what_does_not_come_is_not_waited_for() -> None:
    async def nothing() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(bodies.TooSlowError):
        await bodies.bounded(nothing, 10, seconds=0)()


async def test_a_host_that_is_not_ours_gets_no_form_through(newcomer: Come) -> None:
    liu = await newcomer("liu")
    await liu.get("/")
    answer = await liu.post("/tuichu", headers={"host": "evil.test", "origin": "http://evil.test"})
    assert answer.status_code == 403


async def test_an_invitation_is_in_no_other_sites_sight(invited: Invite, browser: Open) -> None:
    """The token stands in the address: no page of another site learns it from a link or a picture."""
    came = browser()
    answer = await came.get(await invited("liu"))
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "http" not in answer.text.replace("http-equiv", "")
