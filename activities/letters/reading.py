"""A letter read back from its row, as the model of its kind."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from workflows.letter.kinds import KINDS
from workflows.letter.letter import Letter
from workflows.rules.names import LetterKind


class LetterError(Exception):
    """A letter that cannot be written: a value is missing or makes no sense. A person must look."""


def read(kind: LetterKind, params: Mapping[str, str]) -> Letter:
    """What a letter says.

    Raises:
        LetterError: naming what is missing or makes no sense, never a value.
    """
    try:
        return KINDS[kind].of(params)
    except ValidationError as err:
        found = err.errors(include_url=False, include_input=False)
    lacking = [str(item["loc"][0]) for item in found if item["type"] == "missing"]
    lacking += [str(item["ctx"]["error"]) for item in found if not item["loc"]]
    senseless = {str(item["loc"][0]) for item in found if item["loc"]} - set(lacking)
    parts = {"缺少": lacking, "不能读取": sorted(senseless)}
    told = "，".join(f"{how} {'、'.join(names)}" for how, names in parts.items() if names)
    raise LetterError(f"{kind} {told}")
