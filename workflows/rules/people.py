"""People as they are stated: one writing of a name, a number and a phone, whichever door they use.

A file, a form and a program state the same person in different ways: full-width digits, a lower-case
x, spaces, other dots. They are brought to one writing here and nowhere else; what can be nobody's is
refused with a type of its own, so that the words beside it can say what is right. No value is in an
error.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from workflows.rules.days import FIRST_YEAR
from workflows.rules.text import Line

BAD_NAME = "person_name"
"""The types of the errors, as pydantic reports them."""
BAD_ID_CARD = "id_card"
OLD_ID_CARD = "old_id_card"
BAD_BIRTH = "birth_date"
BAD_PERMIT = "permit"
BAD_PHONE = "phone"
BORN_TOO_LATE = "born_too_late"
TYPES = frozenset(
    {BAD_NAME, BAD_ID_CARD, OLD_ID_CARD, BAD_BIRTH, BAD_PERMIT, BAD_PHONE, BORN_TOO_LATE}
)

YOUNGEST = 16
"""Nobody works before (劳动法 art 15), so nobody holds or applies for a title before."""

ID_CARD_LENGTH = 18
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"

_ID_CARD = re.compile(r"[0-9]{17}[0-9X]")
_OLD_ID_CARD = re.compile(r"[0-9]{6}([0-9]{6})[0-9]{3}")
"""Cards of the first generation, void since 2013: with one, a person would be another."""
_TYPED_FOR_DIGITS = str.maketrans("OQIL", "0011")
_PERMIT = re.compile(r"[0-9A-Z]{5,30}")
_PERMIT_DIGITS = 4
"""Every permit and passport that gives access to a title has at least so many digits."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣", "-"))
_GAPS = re.compile(r"[\s\-_·•・‧∙⋅.,，、]+")
_DOTS = "·•・･‧∙⋅․\u0387．﹒"
_TO_MIDDLE_DOT = str.maketrans(dict.fromkeys(_DOTS, "·"))
_HALF_WIDTH = {
    wide: wide - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for wide in range(ord(first), ord(last) + 1)
}
_HAN = r"\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_STOP_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])\s*[·.]\s*(?=[{_HAN}])")
_GAP_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")

_OF_NO_REGISTER = re.compile("[\u2f00-\u2fdf]|[A-Za-z][\u0300-\u036f]+")
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SEVERAL = re.compile(rf"(?<=[{_HAN}])\s*[、，,;；/]\s*(?=[{_HAN}])")
_NOBODY = frozenset(
    {"无", "暂无", "没有", "不详", "未知", "待定", "同上", "null", "none", "n/a", "nan"}
)
"""What stands in a cell where nothing was known."""

_BETWEEN_PHONES = re.compile(r"[,，、;；/]|或者|或|\s{2,}|(?<=\b1[3-9]\d{9})\s(?=1[3-9]\d{9}\b)")
_EXTENSION = re.compile(r"\s*(?:转|分机|内线|ext\.?|x|#)\s*[:：]?\s*(\d{1,6})$", re.IGNORECASE)
_PHONE = re.compile(r"\+?(?:\d|\(\d+\))[\d\- ()]*\d")
_SHORT_PHONE = re.compile(r"(?:10|12|95|96)\d{3,4}")
"""Service numbers of an office, as 12333."""
_MOBILE_AMISS = re.compile(r"1[3-9](?:\d{8}|\d{10,})")
"""A digit too few, or too many: no area's number begins so."""
_MOBILE = re.compile(r"\b(1\d\d)-?(\d{4})-?(\d{4})$")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 18


def normal_id_number(stated: str) -> str:
    """An ID number as it is kept and compared: half-width, no gaps or dots, capital X."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", stated).translate(_DASHES)).upper()


def normal_name(stated: str) -> str:
    """A name as it is compared: half-width, no gaps, one kind of middle dot, one case."""
    plain = _VARIATION.sub("", "".join(unicodedata.normalize("NFKC", stated).split()))
    return plain.replace(".", "·").translate(_TO_MIDDLE_DOT).strip("·").casefold()


def written_name(stated: str) -> str:
    """A name as it is kept and printed: one kind of middle dot, no gap between Chinese characters.

    Its characters stay as they are: a compatibility form may be how the person is registered. Not so
    what no register has: radicals that a copied PDF has for characters, accents apart from their
    letters, variation selectors, dots around the whole. A full stop between Latin letters is part of
    the name (J. Smith).
    """
    plain = " ".join(stated.translate(_HALF_WIDTH).split())
    plain = _OF_NO_REGISTER.sub(lambda found: unicodedata.normalize("NFKC", found[0]), plain)
    plain = _STOP_BETWEEN_HAN.sub("·", _VARIATION.sub("", plain).translate(_TO_MIDDLE_DOT))
    return _GAP_BETWEEN_HAN.sub("", plain).strip("· ")


def written_phone(stated: str) -> str:
    """One or more phone numbers as they are kept: `023-00009001转8012、13800000000`.

    Raises:
        ValueError: one of them is no phone number.
    """
    plain = unicodedata.normalize("NFKC", stated).translate(_DASHES).strip()
    parts = [part for part in _BETWEEN_PHONES.split(plain) if part.strip()]
    if not parts:
        raise ValueError
    return "、".join(_one_phone(part) for part in parts)


def is_id_card(number: str) -> bool:
    """True for 18 characters whose last one checks the others (GB 11643), born on a real day."""
    return _has_check_digit(number) and birth_date(number) is not None


def birth_date(number: str) -> date | None:
    """The day of birth in an ID number of 18; None where that is no day, or the number is another."""
    if not _ID_CARD.fullmatch(number):
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= FIRST_YEAR else None


def check_digit(digits: str) -> str:
    """The check character of the first 17 digits of an ID number."""
    pairs = zip(CHECK_WEIGHTS, digits, strict=True)
    return CHECK_DIGITS[sum(weight * int(digit) for weight, digit in pairs) % len(CHECK_DIGITS)]


def id_card(stated: str) -> str:
    """An identity card's number in its one writing.

    Raises:
        PydanticCustomError: `id_card` or `birth_date`.
    """
    number = normal_id_number(stated)
    if not _has_check_digit(number):
        raise PydanticCustomError(BAD_ID_CARD, "no number of an identity card")
    if birth_date(number) is None:
        raise PydanticCustomError(BAD_BIRTH, "no day of birth")
    return number


def permit(stated: str) -> str:
    """The number of a permit or passport in its one writing; empty for nothing stated.

    What has the form of an identity card's number must be one: permits of residence are.

    Raises:
        PydanticCustomError: `permit`, `old_id_card`, or as `id_card`.
    """
    if not stated:
        return ""
    number = normal_id_number(stated)
    # A letter typed for a digit makes a permit of a card, whose bars nobody would find.
    if _ID_CARD.fullmatch(number) or is_id_card(number.translate(_TYPED_FOR_DIGITS)):
        return id_card(number)
    if (old := _OLD_ID_CARD.fullmatch(number)) and _is_day_of_1900s(old[1]):
        raise PydanticCustomError(OLD_ID_CARD, "a card of the first generation")
    enough = sum(char.isdigit() for char in number) >= _PERMIT_DIGITS and len(set(number)) > 1
    if not _PERMIT.fullmatch(number) or not enough:
        raise PydanticCustomError(BAD_PERMIT, "no number of a permit")
    return number


def need_born_before(number: str, *days: date | None) -> None:
    """An ID number's birth must lie 16 years before what its holder did; other numbers tell nothing.

    Raises:
        PydanticCustomError: `born_too_late`.
    """
    born = birth_date(number)
    known = [day for day in days if day is not None]
    if born is None or not known:
        return
    first = min(known)
    if (first.year - YOUNGEST, first.month, first.day) < (born.year, born.month, born.day):
        raise PydanticCustomError(BORN_TOO_LATE, "born too late for that")


def _is_day_of_1900s(digits: str) -> bool:
    try:
        date(1900 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True


def _has_check_digit(number: str) -> bool:
    return bool(_ID_CARD.fullmatch(number)) and check_digit(number[:17]) == number[17]


def _name(stated: str) -> str:
    name = written_name(stated)
    if not stated:
        return ""
    letters = any(unicodedata.category(char).startswith("L") for char in name)
    if not letters or name.casefold() in _NOBODY or _SEVERAL.search(name):
        raise PydanticCustomError(BAD_NAME, "no name, or several")
    return name


def _phone(stated: str) -> str:
    try:
        return written_phone(stated) if stated else ""
    except ValueError:
        raise PydanticCustomError(BAD_PHONE, "no phone number") from None


def _one_phone(stated: str) -> str:
    extension = _EXTENSION.search(stated)
    main = (stated[: extension.start()] if extension else stated).strip()
    if not _PHONE.fullmatch(main):
        raise ValueError
    digits = [char for char in main if char.isdigit()]
    short = _SHORT_PHONE.fullmatch(main)
    if not short and not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        raise ValueError
    if len(set(digits)) == 1 or _MOBILE_AMISS.fullmatch("".join(re.findall(r"[+\d]", main))):
        raise ValueError
    plain = _MOBILE.sub(r"\1\2\3", re.sub(r"[ ()\-]+", "-", main).strip("-"))
    return f"{plain}转{extension[1]}" if extension else plain


PersonName = Annotated[Line, AfterValidator(_name)]
"""Somebody's name; empty where nothing is stated."""

IdNumber = Annotated[Line, AfterValidator(permit)]
"""The number of an identity card, a permit or a passport; empty where nothing is stated."""

Phone = Annotated[Line, AfterValidator(_phone)]
"""One or more phone numbers, with extensions; empty where nothing is stated."""
