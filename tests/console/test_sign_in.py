"""Coming in: by invitation, by name and password, by the second factor; and going out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from activities.accounts import second_factor
from activities.accounts.attempts import FREE, FREE_OF_ADDRESS, TooFastError
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from starter.console.house import House
from tests.console.conftest import PASSWORD, SECRET_FIELD, Browser, Come, Invite, Open
from tests.fixtures.record import OPENED, Office

pytestmark = pytest.mark.integration

ALL_PAGES = ("/", "/wode", "/shenfen")


async def ago(owner: Pool, column: str, past: timedelta) -> None:
    """Move what sessions know of into the past."""
    await owner.execute(f"UPDATE session SET {column} = {column} - $1::interval", past)  # noqa: S608


async def is_in(browser: Browser) -> bool:
    """Whether somebody is let in."""
    return (await browser.get("/")).status_code == 200


async def test_an_invitation_sets_a_password_once(
    invited: Invite, browser: Open, pool: Pool, identity: Identity
) -> None:
    link = await invited("liu", "liujingli")
    first = browser()
    assert (await first.get(link)).status_code == 200
    assert "liujingli" in first.page
    for bad in ("short", "LiuJingLi-2024", "aaaaaaaaaaaa", "qwertyuiop", "x" * 129):
        assert (await first.post(link, {"password": bad, "again": bad})).status_code == 422, bad
    assert (await first.post(link, {"password": PASSWORD, "again": "别的"})).status_code == 422
    assert (await first.post(link, {"password": PASSWORD, "again": PASSWORD})).status_code == 303
    assert await is_in(first)
    assert "刘经理" in first.page
    assert (await browser().get(link)).status_code == 410
    (kept,) = await pool.fetch("SELECT secret FROM account_factor")
    assert b"argon2" not in kept["secret"]
    assert identity.open(kept["secret"], "account.password").startswith("$argon2id$")


async def test_an_invitation_ends_after_a_week(invited: Invite, browser: Open, owner: Pool) -> None:
    link = await invited("liu")
    await owner.execute("UPDATE account_invitation SET expires_at = now()")
    assert (await browser().get(link)).status_code == 410


async def test_a_name_is_the_same_however_it_is_typed(newcomer: Come, browser: Open) -> None:
    await newcomer("liu", "Liu.Jingli")
    for typed in ("liu.jingli", " LIU.JINGLI ", "ｌｉｕ．ｊｉｎｇｌｉ"):
        assert (await browser().sign_in(typed)).status_code == 303, typed


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(
    newcomer: Come, browser: Open
) -> None:
    await newcomer("liu")
    known, unknown = browser(), browser()
    first = await known.sign_in("liu", "不是这个密码啊啊啊")
    second = await unknown.sign_in("luo", "不是这个密码啊啊啊")
    assert first.status_code == second.status_code == 422
    assert known.page.replace(known.csrf, "").replace("liu", "luo").count(
        "登录名或者密码不正确"
    ) == unknown.page.count("登录名或者密码不正确")
    assert not await is_in(known)


async def test_a_login_name_is_one_persons(published: Office, invited: Invite) -> None:
    await invited("liu", "jingli")
    stated = {"person": "zhang", "login": "ＪＩＮＧＬＩ", "token_hash": "0" * 64}
    outcome = await published("invite_account", stated)
    assert [reason.code for reason in outcome.refusals] == ["malformed_payload"]
    outcome = await published("invite_account", stated | {"login": "JingLi"})
    assert [reason.code for reason in outcome.refusals] == ["login_taken"]


async def test_an_account_that_is_there_is_reset_and_not_invited(
    published: Office, newcomer: Come
) -> None:
    liu = await newcomer("liu")
    stated = {"person": "liu", "login": "liu", "token_hash": "1" * 64}
    outcome = await published("invite_account", stated)
    assert [reason.code for reason in outcome.refusals] == ["already_decided"]
    assert await is_in(liu)


async def test_a_reset_takes_everything_that_proved_somebody(
    published: Office, newcomer: Come, browser: Open, pool: Pool
) -> None:
    zhou = await newcomer("zhou")
    assert zhou.secret
    assert await is_in(zhou)
    await published("reset_account", {"person": "zhou", "token_hash": "2" * 64})
    assert not await is_in(zhou)
    assert (await browser().sign_in("zhou")).status_code == 422
    assert await pool.fetchval("SELECT count(*) FROM account_factor WHERE secret IS NOT NULL") == 0


async def test_a_shut_account_is_out_at_once_and_comes_back_by_invitation(
    published: Office, newcomer: Come, invited: Invite, browser: Open
) -> None:
    liu = await newcomer("liu")
    assert (await published("disable_account", {"person": "liu"})).done
    assert not await is_in(liu)
    assert (await browser().sign_in("liu")).status_code == 422
    link = await invited("liu")
    again = browser()
    await again.get(link)
    assert (await again.post(link, {"password": PASSWORD, "again": PASSWORD})).status_code == 303
    assert await is_in(again)


async def test_who_tries_too_often_waits_even_with_the_right_password(
    newcomer: Come, browser: Open
) -> None:
    await newcomer("liu")
    await newcomer("chen")
    guesser = browser()
    for _ in range(FREE):
        assert (await guesser.sign_in("liu", "不是这个密码啊啊啊")).status_code == 422
    answer = await guesser.sign_in("liu")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await guesser.sign_in("chen")).status_code == 303


async def test_many_tries_at_once_are_many(newcomer: Come, browser: Open) -> None:
    await newcomer("liu")
    told = await asyncio.gather(
        *(browser().sign_in("liu", "不是这个密码啊啊啊") for _ in range(3 * FREE))
    )
    assert sorted(answer.status_code for answer in told) == [422] * FREE + [429] * (2 * FREE)


async def test_a_wait_ends_and_what_went_well_ends_the_count(
    newcomer: Come, browser: Open, pool: Pool, house: House
) -> None:
    await newcomer("liu")
    tried = (
        "INSERT INTO login_attempt (login_hash, address_hash, outcome, at)"
        " VALUES ($1, '', 'tried', now() - $2::interval)"
    )
    key = house.accounts.login_hash("liu")
    for _ in range(2 * FREE):
        await pool.execute(tried, key, timedelta(seconds=61))
    assert (await browser().sign_in("liu")).status_code == 303
    for _ in range(FREE):
        assert (await browser().sign_in("liu", "不是这个密码啊啊啊")).status_code == 422


async def test_an_office_behind_one_address_signs_in_every_morning_and_who_guesses_there_waits(
    newcomer: Come, browser: Open, house: House
) -> None:
    await newcomer("liu")
    address = "127.0.0.1"
    for number in range(2 * FREE_OF_ADDRESS):
        colleague = house.accounts.login_hash(f"colleague-{number}")
        await house.attempts.begin(colleague, address)
        await house.attempts.succeeded(colleague, address)
    assert (await browser().sign_in("liu")).status_code == 303
    for number in range(FREE_OF_ADDRESS):
        await house.attempts.begin(house.accounts.login_hash(f"guess-{number}"), address)
    with pytest.raises(TooFastError):
        await house.attempts.begin(house.accounts.login_hash("guess"), address)
    await house.attempts.begin(house.accounts.login_hash("guess"), "127.0.0.2")


async def test_a_hat_of_weight_needs_a_second_factor_before_anything_else(
    invited: Invite, browser: Open
) -> None:
    link, zhou = await invited("zhou"), browser()
    await zhou.get(link)
    await zhou.post(link, {"password": PASSWORD, "again": PASSWORD})
    for path in ALL_PAGES:
        answer = await zhou.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/denglu/bangding")


async def test_a_second_factor_is_bound_by_a_picture_that_a_telephone_reads(
    newcomer: Come,
) -> None:
    liu = await newcomer("liu")
    await liu.get("/denglu/bangding")
    (secret,) = SECRET_FIELD.findall(liu.page)
    picture = liu.page.partition('class="qr">')[2].partition("</svg>")[0]
    assert second_factor.picture_of(second_factor.address_of(secret, "liu")).count(picture) == 1
    for word in ("style", "script", "href", "http", secret):
        assert word not in picture


async def test_a_second_factor_is_asked_at_every_sign_in_and_each_code_counts_once(
    newcomer: Come, browser: Open
) -> None:
    zhou = await newcomer("zhou")
    again = browser()
    await again.get("/denglu")
    assert (await again.post("/denglu", {"name": "zhou", "password": PASSWORD})).status_code == 303
    for path in ALL_PAGES:
        assert (await again.get(path)).headers["location"].startswith("/denglu/yanzheng")
    # Nobody who has the password alone puts a factor of his own in its place.
    await again.get("/denglu/yanzheng")
    own = {"secret": "A" * 32, "code": second_factor.code_at("A" * 32, datetime.now(UTC))}
    assert (
        (await again.post("/denglu/bangding", own))
        .headers["location"]
        .startswith("/denglu/yanzheng")
    )
    assert (await again.post("/denglu/yanzheng", {"code": zhou.code})).status_code == 422
    later = datetime.now(UTC) + timedelta(seconds=second_factor.STEP)
    fresh = second_factor.code_at(zhou.secret, later)
    assert (await again.post("/denglu/yanzheng", {"code": fresh})).status_code == 303
    assert await is_in(again)


async def test_codes_are_not_guessed_behind_a_known_password(newcomer: Come, browser: Open) -> None:
    await newcomer("zhou")
    thief = browser()
    await thief.get("/denglu")
    await thief.post("/denglu", {"name": "zhou", "password": PASSWORD})
    await thief.get("/denglu/yanzheng")
    told = [await thief.post("/denglu/yanzheng", {"code": "000000"}) for _ in range(FREE + 1)]
    assert "试的次数太多" in thief.page
    assert [answer.status_code for answer in told] == [422] * (FREE + 1)


async def test_a_session_ends_when_idle_and_at_its_absolute_end(
    newcomer: Come, browser: Open, owner: Pool
) -> None:
    liu = await newcomer("liu")
    await ago(owner, "seen_at", timedelta(minutes=31))
    assert not await is_in(liu)
    again = browser()
    await again.sign_in("liu")
    await ago(owner, "ends_at", timedelta(hours=12))
    assert not await is_in(again)


async def test_changing_hats_does_not_make_a_session_longer(newcomer: Come, pool: Pool) -> None:
    liu = await newcomer("liu")
    before = await pool.fetchval("SELECT ends_at FROM session")
    await liu.get("/shenfen")
    await liu.post("/shenfen/huan", {"organisation": "", "realm": "live"})
    assert await pool.fetchval("SELECT ends_at FROM session") == before


async def test_what_is_weighty_asks_for_the_password_again(newcomer: Come, owner: Pool) -> None:
    liu = await newcomer("liu")
    await ago(owner, "proved_at", timedelta(minutes=11))
    assert await is_in(liu)
    answer = await liu.get("/denglu/bangding")
    assert answer.headers["location"] == "/denglu/queren?dao=%2Fdenglu%2Fbangding"
    await liu.get(answer.headers["location"])
    assert (await liu.post("/denglu/queren", {"password": "不是它不是它"})).status_code == 422
    dao = {"password": PASSWORD, "dao": "/denglu/bangding"}
    assert (await liu.post("/denglu/queren", dao)).headers["location"] == "/denglu/bangding"
    assert (await liu.get("/denglu/bangding")).status_code == 200


async def test_rights_are_read_at_every_request(published: Office, newcomer: Come) -> None:
    liu = await newcomer("liu")
    await liu.get("/")
    assert "两江数据" in liu.page
    stated = {"person": "liu", "organisation": "liangjiang-data-group"}
    assert (await published("revoke_grant", stated)).done
    await liu.get("/")
    assert "以本人身份" in liu.page
    assert "权限现在已经没有了" in liu.page
    await liu.get("/shenfen")
    wears = await liu.post("/shenfen/huan", {"organisation": "liangjiang-data-group"})
    assert wears.status_code == 404


async def test_nobody_wears_a_hat_that_is_not_his(newcomer: Come) -> None:
    liu = await newcomer("liu")
    await liu.get("/shenfen")
    for organisation in ("bd-committee-office", "zhiping-operations", "none", "' OR 1=1"):
        answer = await liu.post("/shenfen/huan", {"organisation": organisation})
        assert answer.status_code == 404, organisation


async def test_a_rehearsals_own_account_stays_in_it(
    intake: Intake, newcomer: Come, published: Office
) -> None:
    await intake.open_realm("try", OPENED, title="试一试")
    zhou = await newcomer("zhou", "zhou.try", realm="try")
    assert not zhou.secret
    assert await is_in(zhou)
    assert "演练" in zhou.page
    assert "试一试" in zhou.page
    await zhou.get("/shenfen")
    assert "正式办理和演练" not in zhou.page
    for realm in ("live", "other"):
        answer = await zhou.post("/shenfen/huan", {"organisation": "", "realm": realm})
        assert answer.status_code == 404


async def test_one_password_is_changed_and_everywhere_else_one_is_out(
    newcomer: Come, browser: Open
) -> None:
    liu = await newcomer("liu")
    other = browser()
    await other.sign_in("liu")
    await liu.get("/wode")
    fresh = "小楼一夜听春雨-37"
    for stated, why in (
        ({"now": "不是它", "password": fresh, "again": fresh}, "现在的密码不正确"),
        ({"now": PASSWORD, "password": fresh, "again": "别的"}, "不一样"),
        ({"now": PASSWORD, "password": "short", "again": "short"}, "至少 10 个字符"),
    ):
        assert (await liu.post("/wode/mima", stated)).status_code == 422
        assert why in liu.page
    done = await liu.post("/wode/mima", {"now": PASSWORD, "password": fresh, "again": fresh})
    assert done.status_code == 303
    await liu.get("/wode")
    assert "密码已更改" in liu.page
    await liu.get("/wode")
    assert "密码已更改" not in liu.page
    assert not await is_in(other)
    assert (await browser().sign_in("liu")).status_code == 422
    assert (await browser().sign_in("liu", fresh)).status_code == 303


async def test_one_signs_out_here_elsewhere_and_everywhere(newcomer: Come, browser: Open) -> None:
    liu, second, third = await newcomer("liu"), browser(), browser()
    await second.sign_in("liu")
    await third.sign_in("liu")
    await liu.get("/wode")
    key = liu.page.partition('name="key" value="')[2].partition('"')[0]
    await liu.post("/wode/tuichu", {"key": key})
    assert [await is_in(one) for one in (second, third)].count(False) == 1
    await liu.get("/wode")
    await liu.post("/wode/quanbu-tuichu")
    assert not await is_in(second)
    assert not await is_in(third)
    token = liu.cookie
    await liu.get("/")
    assert (await liu.post("/tuichu")).headers["location"] == "/denglu"
    liu.client.cookies.set("zhiping", token, domain="console.test")
    assert not await is_in(liu)


async def test_nobody_signs_out_somebody_else(newcomer: Come) -> None:
    liu, chen = await newcomer("liu"), await newcomer("chen")
    await chen.get("/wode")
    await liu.get("/wode")
    (other,) = await _keys(chen)
    await liu.post("/wode/tuichu", {"key": other})
    assert await is_in(chen)


async def _keys(browser: Browser) -> list[str]:
    from activities.accounts.logins import token_hash

    return [token_hash(browser.cookie).hex()]


async def test_every_look_at_a_case_is_written_down(newcomer: Come, pool: Pool) -> None:
    from activities.accounts.viewing import record_viewing, viewings_of
    from workflows.writer.messages import Actor

    await newcomer("liu")
    account = await pool.fetchval("SELECT id FROM account")
    liu = Actor(person="liu", organisation="liangjiang-data-group", role="member")
    await record_viewing(
        pool, liu, account=account, realm="live", application="application-1", part="anjuan"
    )
    (seen,) = await viewings_of(pool, "application-1")
    assert (seen.person, seen.organisation, seen.part) == ("liu", liu.organisation, "anjuan")
    entry = await pool.fetchrow("SELECT * FROM chain_entry WHERE source = 'viewing'")
    assert entry is not None
