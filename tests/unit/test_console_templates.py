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
