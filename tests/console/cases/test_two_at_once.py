"""Two people on one task: who looks at it now, and what the other did since a form was opened."""

from __future__ import annotations

import re

import pytest

from tests.console.cases.conftest import Comes
from tests.console.cases.test_case_pages import POSTED, REQUEST, acts_of, stated
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

SEEN = re.compile(r'name="kandao" value="(\d+)"')
ALSO = "同事也在看："


async def test_colleagues_see_each_other_and_nobody_else_does(
    zhiping: CommandLine, case: str, comes: Comes
) -> None:
    path = f"/anjuan/{case}"
    liu, zhang, wu = [await comes(person) for person in ("liu", "zhang", "wu")]
    submitted = (await zhiping.json("show", case))["timeline"][0]
    applicant = await comes(submitted["actor"])
    await liu.get(path)
    assert ALSO not in liu.page
    await zhang.get(f"{path}/ban/start_publicity")
    assert f"{ALSO}刘经理（刚才打开“案卷”）" in zhang.page
    await liu.get(f"{path}/cailiao")
    assert f"{ALSO}张某（刚才打开“办理”）" in liu.page
    # Who looks at a unit is told there and nowhere else; an applicant's look is told to nobody.
    assert (await wu.get(path)).status_code == 404
    assert (await applicant.get(path)).status_code == 200
    assert ALSO not in wu.page + applicant.page
    await liu.get(path)
    assert liu.page.count("打开“") == 1


async def test_what_a_colleague_did_is_told_when_the_form_is_handed_in(
    zhiping: CommandLine, case: str, comes: Comes
) -> None:
    """The form was opened before, and nothing of it was sent yet."""
    liu, zhang = await comes("liu"), await comes("zhang")
    path = f"/anjuan/{case}/tuihui/return_for_correction"
    await zhang.get(path)
    typed = {"qingqiu": REQUEST.findall(zhang.page)[0], "kandao": SEEN.findall(zhang.page)[0]}
    assert "您打开表单以后" not in zhang.page

    check = await stated(liu, case, "start_publicity", POSTED)
    assert (await liu.post(check)).status_code == 303
    refused = await zhang.post(path, typed | {"days": "3"})
    assert refused.status_code == 422
    assert "您打开表单以后：</strong>刘经理办理了“开始公示”" in zhang.page
    assert SEEN.findall(zhang.page) == [typed["kandao"]]
    sound = await zhang.post(path, typed | {"items.0.text": "缺合同"})
    assert sound.status_code == 303, zhang.page
    await zhang.get(sound.headers["location"])
    assert "您打开表单以后" in zhang.page
    assert "开始公示" in zhang.page
    assert (await acts_of(zhiping, case))[-1] == "start_publicity"
