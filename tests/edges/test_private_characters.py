"""Characters of the private use areas: refused at every door, with what to write (issue 9, point 4)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from activities.papers.fonts import SHIPPED
from activities.wording import sentence
from config.reading import FileError
from config.submission_files import from_table, sample_table
from tests.builders import BD
from tests.edges.test_people import DOORS, X
from workflows.rules.private_use import instead_of, private_in
from workflows.rules.refusals import Code
from workflows.writer.reading import unreadable

NAMING = [(door, rest) for door, rest in DOORS if "name" in door.model_fields]
ROW = range(0xE815, 0xE865)
UNKNOWN = ["\uf8f5", "\U000f0001", "\U0010fffd"]


def gb18030_of(point: int) -> bytes:
    """The two bytes at which GB 18030 has what this private character stood for."""
    second = 0x50 + point - 0xE815
    return bytes([0xFE, second if second < 0x7F else second + 1])


@pytest.mark.parametrize("point", ROW)
def test_what_to_write_is_what_gb_18030_has_at_that_place(point: int) -> None:
    standard = instead_of(chr(point))
    decoded = gb18030_of(point).decode("gb18030")

    # Python knows the standard of 2005, which had left fourteen of them private.
    assert decoded in (standard, chr(point))
    assert private_in(standard) == ""
    assert SHIPPED.lacking(standard) == "", "what we tell people to write can be printed"


@pytest.mark.parametrize(("door", "rest"), NAMING, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize("char", ["\ue863", *UNKNOWN])
def test_every_door_refuses_them_with_how_to_write_the_name(
    door: type[BaseModel], rest: dict[str, Any], char: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        door.model_validate({**rest, "id_number": X, "name": f"王{char}"})

    refused = unreadable(wrong.value).first
    told = sentence(refused)
    assert refused.code is Code.PRIVATE_CHARACTER
    assert "name" in refused.params["fields"]
    assert f"U+{ord(char):04X}" in told.message
    assert ("应写作“䶮”（U+4DAE）" in told.message) is (char == "\ue863")
    assert "GB 18030" in told.next
    assert char not in told.message, "it would show as something else again"


@pytest.mark.parametrize("char", ["\ue863", *UNKNOWN])
def test_a_submission_file_says_where_and_what_instead(char: str) -> None:
    table = sample_table("city_unit", BD, {"identity": {"name": f"王{char}"}})

    with pytest.raises(FileError) as wrong:
        from_table(table)

    told = "；".join(wrong.value.problems)
    assert "name：" in told
    assert f"U+{ord(char):04X}" in told
