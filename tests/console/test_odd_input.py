"""What comes to the doors besides what a browser sends: each has its answer, and none is a fault of ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activities.accounts import second_factor
from activities.accounts.attempts import whence
from activities.accounts.passwords import PasswordRefusedError, check_usable
from activities.database import Pool
from tests.console.conftest import ORIGIN, PASSWORD, Come, Invite, Open

pytestmark = pytest.mark.integration

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "typed",
    ["刘经理", " 刘经理　", "刘\u200b经理", "\ufeff刘经理", "刘 经 理"],
    ids=["as it is", "spaces around", "zero-width", "byte-order mark", "gaps"],
)
async def test_a_login_that_was_copied_is_the_same(
    newcomer: Come, browser: Open, typed: str
) -> None:
    await newcomer("liu", "刘经理")
    assert (await browser().sign_in(typed)).status_code == 303


@pytest.mark.parametrize(
    "typed", ["\x00", "刘\x00", "\u202eliu", "\ud83d", "x" * 100_000, "%", "😀"]
)
async def test_a_login_that_can_be_nobodys_is_nobodys(
    published: object, browser: Open, typed: str
) -> None:
    came = browser()
    await came.get("/denglu")
    body = {**came.token(), "name": typed.encode(errors="replace").decode(), "password": "x"}
    answer = await came.client.post("/denglu", data=body, headers={"origin": ORIGIN})
    assert answer.status_code == 422


async def test_a_password_typed_full_width_is_the_same(invited: Invite, browser: Open) -> None:
    link, came = await invited("liu"), browser()
    await came.get(link)
    typed = "ｌｉ　ｈｕａ－２４７９"
    await came.post(link, {"password": typed, "again": typed})
    assert (await browser().sign_in("liu", "li hua-2479")).status_code == 303


async def test_a_password_of_any_script_is_one(invited: Invite, browser: Open) -> None:
    link, came = await invited("liu"), browser()
    await came.get(link)
    typed = "𠮷野家 crème brûlée 😀🎓"
    assert (await came.post(link, {"password": typed, "again": typed})).status_code == 303
    assert (await browser().sign_in("liu", typed)).status_code == 303
    assert (await browser().sign_in("liu", typed.upper())).status_code == 422


@pytest.mark.parametrize("bad", ["", "123456789", "１２３４５６７８９", "password1234", "1" * 40])
def test_what_is_guessed_first_is_no_password(bad: str) -> None:
    with pytest.raises(PasswordRefusedError):
        check_usable(bad, "liu")


def test_a_code_is_taken_however_it_is_written() -> None:
    secret, now = second_factor.new_secret(), datetime.now(UTC)
    code = second_factor.code_at(secret, now)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    for typed in (code, f"{code[:3]} {code[3:]}", f" {code}\n", wide, f"{wide[:3]}　{wide[3:]}"):
        assert second_factor.step_of(secret, typed, now) == int(now.timestamp()) // 30
    for typed in ("", code[:5], code + "0", "abcdef", "٠١٢٣٤٥"):
        assert second_factor.step_of(secret, typed, now) is None


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_from_where_somebody_comes(address: str, same: str) -> None:
    assert whence(address) == same


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b""),
        (FORM, b"%"),
        (FORM, b"&&&=&=="),
        (FORM, b"csrf=%ff%fe&name=%00"),
        (FORM, b"\xff\xfe\x00"),
        ("multipart/form-data", b"nothing"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\ncontent-disposition: form-data\r\n\r\n\r\n--x--",
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a" * 70_000),
        ("application/json", b'{"csrf": "x"}'),
        ("text/plain", b"csrf=x"),
        ("", b"csrf=x"),
    ],
)
async def test_a_body_that_is_no_form_is_told_so(
    published: object, browser: Open, kind: str, body: bytes
) -> None:
    came = browser()
    await came.get("/denglu")
    headers = {"origin": ORIGIN, **({"content-type": kind} if kind else {})}
    answer = await came.client.post("/denglu", content=body, headers=headers)
    assert answer.status_code in {400, 403}


@pytest.mark.parametrize(
    "cookie",
    [
        "zhiping=",
        "zhiping=;;;",
        "zhiping=" + "x" * 8000,
        "zhiping=\x80\xff",
        "zhiping=a; zhiping=b",
        "zhiping=%00",
        '"zhiping"="a\\"',
        "zhiping-before=; zhiping-provider=AAAA",
    ],
)
async def test_a_cookie_that_is_none_of_ours_is_nobodys(
    published: object, browser: Open, cookie: str
) -> None:
    came = browser()
    raw = {"cookie": cookie.encode("latin-1")}
    assert (await came.client.get("/", headers=raw)).status_code == 303  # type: ignore[arg-type]
    assert (await came.client.get("/denglu", headers=raw)).status_code == 200  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "BREW"])
async def test_other_methods_do_nothing(newcomer: Come, method: str) -> None:
    liu = await newcomer("liu")
    answer = await liu.client.request(method, "/wode")
    assert answer.status_code in ({200} if method == "HEAD" else {405})
    assert (await liu.get("/")).status_code == 200


@pytest.mark.parametrize(
    "query", ["%ff", "dao=%ff%fe", "dao=%00", "&&&", "dao=" + "a" * 5000, "dao"]
)
async def test_a_query_that_says_nothing_is_left_aside(
    published: object, browser: Open, query: str
) -> None:
    assert (await browser().client.get(f"/denglu?{query}")).status_code == 200


@pytest.mark.parametrize("secret", ["", "!!!", "AA", "a" * 32, "A" * 31 + "1", "A" * 4096, "\x00"])
async def test_a_key_that_is_none_of_ours_binds_nothing(
    invited: Invite, browser: Open, pool: Pool, secret: str
) -> None:
    link, zhou = await invited("zhou"), browser()
    await zhou.get(link)
    await zhou.post(link, {"password": PASSWORD, "again": PASSWORD})
    await zhou.get("/denglu/bangding")
    answer = await zhou.post("/denglu/bangding", {"secret": secret, "code": "123456"})
    assert answer.status_code == 422
    assert not await pool.fetchval("SELECT count(*) FROM account_factor WHERE kind = 'totp'")


async def test_a_password_stands_in_no_page(newcomer: Come, browser: Open) -> None:
    await newcomer("liu")
    came = browser()
    await came.sign_in("liu", PASSWORD + "x")
    assert PASSWORD not in came.page
