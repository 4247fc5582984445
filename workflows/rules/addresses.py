"""E-mail addresses: read once, at every door, so that nothing behind it holds one no mail can bear.

What is unambiguous is put into its usual form (`张三 <a@b.cn>`, a full-width ＠, the full stop of the
sentence it was copied from); everything else is refused with what is wrong. Whether a mailbox is
there only its server knows: nothing is looked up. The syntax is email-validator's (RFC 5321, 6531,
IDNA 2008).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType, ModuleType
from typing import Annotated, NamedTuple

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from workflows.rules.text import Line

ADDRESS_UNUSABLE = "address_unusable"
"""The type of the error for such an address, as pydantic reports it; its context has the fault."""
LONGEST = 254
"""Octets of an address (RFC 5321 4.5.3.1.3 without its angle brackets)."""
LONGEST_NAME = 64
"""Octets before the @ (RFC 5321 4.5.3.1.1)."""
LONGEST_STATED = 600
"""Nothing longer is looked at: a display name and an address have room in it."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("。"): ".",
    ord("｡"): ".",
    ord("﹫"): "@",
    ord("〈"): "<",
    ord("〉"): ">",
    ord("《"): "<",
    ord("》"): ">",
    ord("\u3000"): " ",
    ord("\u00a0"): " ",
}
_NAMED = re.compile(r"[^<>]*<([^<>]*)>[\s.,;:]*")
_BEFORE = " \t\r\n,;:、"
_AFTER = f"{_BEFORE}."
"""What stands around an address in a sentence or a cell, and never in one."""
_LINK = "mailto:"


class AddressFault(StrEnum):
    """What is wrong with an address that cannot be used."""

    MISSING = "missing"
    NO_AT = "no_at"
    SEVERAL = "several"
    SPACE = "space"
    NO_NAME = "no_name"
    NAME_NOT_ASCII = "name_not_ascii"
    NAME = "name"
    DOMAIN = "domain"
    TOO_LONG = "too_long"


WORDS: Mapping[AddressFault, str] = MappingProxyType(
    {
        AddressFault.MISSING: "没有写地址",
        AddressFault.NO_AT: "缺少“@”",
        AddressFault.SEVERAL: "写了不止一个地址，只能写一个",
        AddressFault.SPACE: "地址中间有空格",
        AddressFault.NO_NAME: "“@”前面没有内容",
        AddressFault.NAME_NOT_ASCII: "“@”前面只能用英文字母、数字和常用符号",
        AddressFault.NAME: "“@”前面的写法有误（如连续的句点、引号或者不能采用的符号）",
        AddressFault.DOMAIN: "“@”后面不是正确的域名（如缺少句点、连续的句点或者不能采用的符号）",
        AddressFault.TOO_LONG: "地址过长",
    }
)
"""The fault in Chinese: whoever typed the address reads it, in a file's error as in a refusal, and
this is the one room that both can see."""


class AddressError(ValueError):
    """An address that no mail can bear; never says which, because it names a person."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(fault.value)
        self.fault = fault

    @property
    def words(self) -> str:
        """What is wrong, in Chinese."""
        return WORDS[self.fault]


class Mailbox(NamedTuple):
    """One address in its two forms."""

    address: str
    """As people read it: an internationalised domain in its own script."""
    wire: str
    """As a mail server takes it: ASCII, such a domain as Punycode."""


def mailbox(stated: str) -> Mailbox:
    """The one address that somebody stated.

    Raises:
        AddressError: nothing is stated, several are, or it is none.
    """
    if len(stated) > LONGEST_STATED:
        raise AddressError(AddressFault.TOO_LONG)
    text = _bare(stated.translate(_FULL_WIDTH))
    if fault := _plain_fault(text):
        raise AddressError(fault)
    name, _, domain = text.rpartition("@")
    library = _library()
    try:
        # `.test` belongs to rehearsals and samples; whether a domain exists is nobody's question.
        read = library.validate_email(
            text,
            allow_smtputf8=False,
            strict=True,
            check_deliverability=False,
            test_environment=True,
            globally_deliverable=True,
        )
    except library.EmailSyntaxError:
        raise AddressError(_fault(name, domain)) from None
    if read.ascii_email is None:  # of a name that only SMTPUTF8 carries, refused above
        raise AddressError(AddressFault.NAME_NOT_ASCII)
    return Mailbox(read.normalized, read.ascii_email)


def _bare(text: str) -> str:
    """The address without the display name, the brackets, the link and the sentence around it."""
    text = _alone(text)
    if found := _NAMED.fullmatch(text):
        text = _alone(found[1])
    return _alone(text[len(_LINK) :]) if text.lower().startswith(_LINK) else text


def _alone(text: str) -> str:
    return text.lstrip(_BEFORE).rstrip(_AFTER)


def _plain_fault(text: str) -> AddressFault | None:
    if not text:
        return AddressFault.MISSING
    if "@" not in text:
        return AddressFault.NO_AT
    if text.count("@") > 1:
        return AddressFault.SEVERAL
    return AddressFault.SPACE if any(char.isspace() for char in text) else None


def _fault(name: str, domain: str) -> AddressFault:
    """Which part the library stumbled over: it says so in English prose alone."""
    if not name:
        return AddressFault.NO_NAME
    if len(name) > LONGEST_NAME or len(f"{name}@{domain}") > LONGEST:
        return AddressFault.TOO_LONG
    if not name.isascii():
        return AddressFault.NAME_NOT_ASCII
    return AddressFault.DOMAIN if _is_name(name) else AddressFault.NAME


def _is_name(name: str) -> bool:
    library = _library()
    try:
        library.validate_email(
            f"{name}@example.test", check_deliverability=False, test_environment=True
        )
    except library.EmailSyntaxError:
        return False
    return True


def _library() -> ModuleType:
    """The reader of addresses: most who import the core read none, and its patterns are built at import."""
    import email_validator  # noqa: PLC0415

    return email_validator


def _email(stated: str) -> str:
    try:
        return mailbox(stated).address
    except AddressError as err:
        raise PydanticCustomError(
            ADDRESS_UNUSABLE, "an address that no mail can bear", {"fault": err.fault.value}
        ) from None


def _email_or_nothing(stated: str) -> str:
    return _email(stated) if stated.strip() else ""


Email = Annotated[Line, AfterValidator(_email)]
"""An e-mail address, as `mailbox` reads it."""

MaybeEmail = Annotated[Line, AfterValidator(_email_or_nothing)]
"""An e-mail address, or empty where none is stated."""
