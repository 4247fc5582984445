"""Text as we take it in: nothing in it that a database, a page or a terminal could not show as it is.

NUL can be kept in no database; lone surrogates and non-characters are no text; bidi overrides and
isolates show another text than is stored; control characters drive a terminal. All are refused where
a value comes in, so that nothing behind the door has to think of them.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

UNSAFE_TEXT = "unsafe_text"
"""The type of the error for such a character, as pydantic reports it."""
UNSAFE_NUMBER = "unsafe_number"
BREAKS = frozenset("\n\r\t")
DEEPEST = 40
"""How deep a stated value may be nested."""
LARGEST = 2**63

_LINES = frozenset("\u2028\u2029")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REPLACED = "\ufffd"
_LAST_TWO_OF_A_PLANE = 0xFFFE
_NO_CHARACTERS = range(0xFDD0, 0xFDF0)


def is_unsafe(char: str, *, breaks: bool = False) -> bool:
    """True for a control, a bidi mark, a line separator, a lone surrogate, or a non-character.

    Args:
        breaks: new lines and tabs may stand in it.
    """
    if char in BREAKS:
        return not breaks
    if unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI or char in _LINES:
        return True
    point = ord(char)
    return point & _LAST_TWO_OF_A_PLANE == _LAST_TWO_OF_A_PLANE or point in _NO_CHARACTERS


def shown(text: str, longest: int = 200) -> str:
    """A text that was refused as it can be told back: cut, and each unsafe character replaced."""
    return "".join(_REPLACED if is_unsafe(char) else char for char in text[:longest])


def _line(value: str) -> str:
    return _safe(value, breaks=False)


def _prose(value: str) -> str:
    return _safe(value, breaks=True)


def _safe(value: str, *, breaks: bool) -> str:
    # Everything printable is safe, and nearly every text is.
    if not value.isprintable() and any(is_unsafe(char, breaks=breaks) for char in value):
        raise PydanticCustomError(UNSAFE_TEXT, "a character that cannot be shown")
    return value


def _whole(value: Any) -> Any:
    """A value of no model: every text in it, keys included, and every number."""
    _look(value, DEEPEST)
    return value


def _look(value: Any, depth: int) -> None:
    if depth == 0:
        raise PydanticCustomError(UNSAFE_TEXT, "nested too deeply")
    if isinstance(value, str):
        _safe(value, breaks=True)
    elif isinstance(value, dict):
        for key, part in value.items():
            if isinstance(key, str):
                _safe(key, breaks=False)
            _look(part, depth - 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            _look(part, depth - 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise PydanticCustomError(UNSAFE_NUMBER, "no finite number")
    elif isinstance(value, int) and abs(value) >= LARGEST:
        raise PydanticCustomError(UNSAFE_NUMBER, "a number beyond 64 bits")


Line = Annotated[str, AfterValidator(_line)]
"""One line of text: a name, an id, a key, a number as written."""

Prose = Annotated[str, AfterValidator(_prose)]
"""Text of several lines."""

Stated = Annotated[Any, BeforeValidator(_whole)]
"""A value without a model of its own yet, checked throughout."""
