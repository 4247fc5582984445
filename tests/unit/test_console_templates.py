"""The console's templates compile, and none brings style or script along, which the policy would stop."""

from __future__ import annotations

import re

import pytest

from starter.console.looks import looks

LOOKS = looks()
INLINE = re.compile(r"<script(?! src)|\sstyle=|\son[a-z]+=|javascript:|https?://", re.IGNORECASE)


@pytest.mark.parametrize("name", LOOKS.list_templates())
def test_a_template_compiles_and_holds_nothing_inline(name: str) -> None:
    source, _, _ = LOOKS.loader.get_source(LOOKS, name) if LOOKS.loader else ("", None, None)
    LOOKS.compile(source, name)
    assert not INLINE.search(source)
    assert "|safe" not in source.replace(" ", "")


def test_the_way_here_ends_with_a_place_and_not_with_an_arrow() -> None:
    way = LOOKS.from_string(
        "{% import 'parts.html' as parts %}{{ parts.crumbs([('/daiban', '待办'), ('/anjuan', '案件查询')]) }}"
    ).render()

    assert way.count("›") == 1
    assert re.search(r"待办</a> › <a[^>]*>案件查询</a></p>", way)
