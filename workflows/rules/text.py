"""Text as we take it in: nothing in it that a database, a page or a terminal could not show as it is.

NUL can be kept in no database; lone surrogates and non-characters are no text; bidi overrides and
isolates show another text than is stored; control characters drive a terminal; tags and fillers hide
one; accents heaped on accents print over other lines. All are refused where a value comes in, so that nothing behind the door has to think of them.
Zero-width characters come along with what is copied from a page or a chat, and nobody can see or
delete them: those are taken out, so that two names that look the same are the same. Characters of
private use show as something else elsewhere, and no paper can print them: refused, with what to write.

What was kept before a rule, or comes from elsewhere (a mail server's answer), is made fit to be
shown where it goes out (`shown_line`, `shown_prose`).
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from workflows.rules.characters import FILLERS, is_unsafe
from workflows.rules.private_use import private_in, told

UNSAFE_TEXT = "unsafe_text"
"""The type of the error for such a character, as pydantic reports it."""
PRIVATE_CHARACTER = "private_character"
"""The type for a character of a private use area; `ctx` tells which, and what to write instead."""
UNSAFE_NUMBER = "unsafe_number"
DEEPEST = 40
"""How deep a stated value may be nested."""
LARGEST = 2**63

_ZERO_WIDTH = frozenset("\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff")
"""Soft hyphens, zero-width spaces, word joiners, byte-order marks: nobody meant them."""
_JOINERS = frozenset("\u200c\u200d")
"""Meant within an emoji or a script that joins its letters; between others they only hide."""
_HEAP = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9,}"
)
"""Accents on accents, which print over the lines above and below; no script needs so many."""
_REPLACED = "\ufffd"


def shown(text: str, longest: int = 200) -> str:
    """A text that was refused as it can be told back: cut, and each unsafe character replaced."""
    return shown_line(text[:longest])


def shown_line(text: str) -> str:
    """A text as one line that goes out: each unsafe character replaced, breaks too."""
    return _shown(text, breaks=False)


def shown_prose(text: str) -> str:
    """A text as it goes out: each unsafe character replaced, its breaks as they are."""
    return _shown(text, breaks=True)


def acceptable_line(text: str) -> str:
    """A line that others wrote and nobody here can correct, as a bank's remark, so that `Line` takes it.

    What is refused elsewhere is replaced: the money is there whatever its remark is written with.
    """
    if _is_plain(text) and not private_in(text):
        return text
    kept = _HEAP.sub("", _without_zero_width(text))
    private = private_in(kept)
    return "".join(_REPLACED if is_unsafe(char) or char in private else char for char in kept)


def _shown(text: str, *, breaks: bool) -> str:
    if _is_plain(text):
        return text
    unsafe = [char for char in set(text) if is_unsafe(char, breaks=breaks)]
    return text.translate(dict.fromkeys(map(ord, unsafe), _REPLACED)) if unsafe else text


def _without_zero_width(value: str) -> str:
    """What nobody can see taken out; a joiner stays where it joins."""
    return "".join(
        char
        for index, char in enumerate(value)
        if char not in _ZERO_WIDTH
        and not (char in _JOINERS and not (_joins(value, index - 1) and _joins(value, index + 1)))
    )


def _joins(value: str, index: int) -> bool:
    """Whether the character there is one that a joiner may join: no Han, Latin, digit, or nothing."""
    if not 0 <= index < len(value):
        return False
    char = value[index]
    wide_letter = unicodedata.category(char) == "Lo" and unicodedata.east_asian_width(char) == "W"
    return not char.isascii() and not wide_letter


def _line(value: str) -> str:
    return _safe(value, breaks=False)


def _prose(value: str) -> str:
    return _safe(value, breaks=True)


def _safe(value: str, *, breaks: bool) -> str:
    if _is_plain(value):
        return value
    kept = _without_zero_width(value)
    # What is nothing but zero-width would pass a length that was asked for, and be empty then.
    if not kept or _HEAP.search(kept) or any(is_unsafe(char, breaks=breaks) for char in set(kept)):
        raise PydanticCustomError(UNSAFE_TEXT, "a character that cannot be shown")
    if private := private_in(kept):
        raise PydanticCustomError(
            PRIVATE_CHARACTER, "a character of a private use area", {"characters": told(private)}
        )
    return kept


def _is_plain(text: str) -> bool:
    """Printable and without fillers, as nearly every text is: then it is safe as it stands."""
    return text.isprintable() and FILLERS.isdisjoint(text) and not _HEAP.search(text)


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
