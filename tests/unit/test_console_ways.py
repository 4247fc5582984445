"""A door of a refusal leads to a page that there is."""

from __future__ import annotations

import re

import pytest

from starter.console.looks import looks
from starter.console.routes import PAGES
from starter.console.ways import WAYS, Way, way_of
from starter.desk.refusing import Door, Reason, told_no

ADDRESSES = {re.sub(r"\{[^}]*\}", "{}", page.path) for page in PAGES if "GET" in page.methods}


@pytest.mark.parametrize("door", WAYS)
def test_a_way_leads_to_a_page(door: Door) -> None:
    assert WAYS[door].path.replace("{subject}", "{}") in ADDRESSES


def test_a_way_to_a_subject_names_it_and_nothing_else() -> None:
    reason = Reason("not_entitled", "没有权限。", door=Door.DIRECTORY, subject="甲/../乙?")
    assert way_of(reason) == Way("/minglu/%E7%94%B2%2F..%2F%E4%B9%99%3F", "名录")
    assert way_of(Reason("not_entitled", "没有权限。", door=Door.DIRECTORY)) is None
    assert way_of(Reason("unknown", "没有答复。", door=Door.ASK_AGAIN, subject="1")) is None
    assert way_of(Reason("wrong_stage", "不在。")) is None


@pytest.mark.parametrize("template", ["no.html", "act_cannot.html"])
def test_a_no_on_a_page_has_the_way(template: str) -> None:
    reason = Reason("not_found", "没有。", next="请核对编号。", door=Door.CASES)
    given = {
        "me": None, "csrf": "c", "told": "", "here": "/", "back": "/", "large": False, "menu": (),
        "problems": (), "provider": "", "title": "某某", "standing": "某环节", "parts_of_case": [],
        "case_path": "/anjuan/x", "subject_path": "/anjuan/x", "subject_word": "案卷",
        "layout": "case_base.html", "act": "某事项", "reasons": [reason], "since": [], "edit": "",
        "no": told_no([reason]), "unknown": False,
    }  # fmt: skip
    page = looks().get_template(template).render(given)
    assert '请核对编号。 <a href="/anjuan">案件查询</a>' in page
