"""What is stated, as its model: why it cannot be read is one coded no, whoever asked."""

from __future__ import annotations

from pydantic import ValidationError

from workflows.rules.addresses import ADDRESS_UNUSABLE, WORDS, AddressFault
from workflows.rules.days import OUTSIDE_CALENDARS
from workflows.rules.people import TYPES as OF_PEOPLE
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.rules.text import PRIVATE_CHARACTER, UNSAFE_TEXT


def unreadable(error: ValidationError) -> Refused:
    """The no for a value that is not of its model; it names the fields, never their values.

    A day outside all calendars, a text with characters that cannot be shown or that are private to a
    machine, and an address that no mail can bear have codes of their own, because what to do next differs; where several things are
    wrong the plainest is told.
    """
    found: dict[str, set[str]] = {}
    faults: dict[str, set[str]] = {}
    private: set[str] = set()
    for item in error.errors(include_input=False, include_url=False):
        field = ".".join(map(str, item["loc"])) or "-"
        found.setdefault(item["type"], set()).add(field)
        if item["type"] == ADDRESS_UNUSABLE:
            faults.setdefault(item["ctx"]["fault"], set()).add(field)
        if item["type"] == PRIVATE_CHARACTER:
            private.add(item["ctx"]["characters"])
    if set(found) == {ADDRESS_UNUSABLE}:
        return Refused(*(_address(fault, fields) for fault, fields in sorted(faults.items())))
    if set(found) == {UNSAFE_TEXT}:
        return refuse(Code.UNSAFE_TEXT, "", fields=_named(found[UNSAFE_TEXT]))
    if set(found) == {PRIVATE_CHARACTER}:
        fields, characters = _named(found[PRIVATE_CHARACTER]), _named(private)
        return refuse(Code.PRIVATE_CHARACTER, "", fields=fields, characters=characters)
    if set(found) == {OUTSIDE_CALENDARS}:
        fields = _named(found[OUTSIDE_CALENDARS])
        return refuse(Code.DATE_NOT_ALLOWED, "", reason=OUTSIDE_CALENDARS, fields=fields)
    every = {field for fields in found.values() for field in fields}
    why = {"reason": min(found)} if set(found) <= OF_PEOPLE else {}
    return refuse(Code.MALFORMED_PAYLOAD, "", fields=_named(every), **why)


def _address(fault: str, fields: set[str]) -> Refusal:
    """One no for one fault, however many addresses have it: a directory may be long."""
    because = WORDS[AddressFault(fault)]
    return refuse(
        Code.ADDRESS_UNUSABLE, "", fields=_named(fields), fault=fault, because=because
    ).first


def _named(fields: set[str]) -> str:
    return "、".join(sorted(fields))
