"""Every page speaks as people do: days as 年月日, people, bodies and notices by their names, no word of ours."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.browser.test_every_page import places
from tests.hostile.pages.table import told
from tests.hostile.pages.world import World

pytestmark = pytest.mark.integration

MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
WRONG = {
    "a day of a program": re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    "a name of the code": re.compile(r"\b[a-z]+(?:_[a-z]+)+\b"),
    "an id of the record": re.compile(r"\b(?:application|meeting|operation|letter|bulk)-[\w-]+"),
    "somebody by id": re.compile(r"\b[a-z-]+@[a-z]+(?:-[a-z]+)*\b(?!\.)"),
    "a notice by its key": re.compile(r"\b(?:bd-2023|lc-2024)\b"),
    "nothing": re.compile(r"\bNone\b|\bUndefined\b"),
}


NO_NAMES = frozenset({"/shenfen", "/tongzhi/bd-2023/1"})
"""Of this world alone: rehearsals without a title, a first version without a document."""


async def test_no_page_shows_what_only_a_program_reads(world: World) -> None:
    found: list[object] = []
    looked = 0
    for who, realm, path in await places(world):
        token = await world.signed_in(who, realm)
        answer = await world.get(token, path)
        if path in NO_NAMES:
            continue
        main = MAIN.search(answer.text)
        assert main is not None, (who, path, answer.status_code)
        words = unescape(TAG.sub(" ", main[0]))
        for what, pattern in WRONG.items():
            found += [(path, what, seen) for seen in sorted(set(pattern.findall(words)))]
        looked += 1
    assert not found, told(found)
    assert looked > 60
