"""Which body inquires into an objection or complaint: never the one it is about (T3)."""

from __future__ import annotations

from workflows.application.case import Case, Inquiry
from workflows.application.parties import superior_of
from workflows.rules.names import InquiryBody, InquiryKind, Stage

NEAR = (InquiryBody.UNIT, InquiryBody.SUPERIOR)
"""Bodies that inquire into an objection to the unit's posting, in the shorter term."""


def body_for(
    case: Case, *, near: bool, against_unit: bool, against_office: bool
) -> tuple[InquiryBody, str]:
    """Who inquires, and the organisation accused (empty where none is).

    An objection to the unit's posting (`near`) is the unit's; against the unit itself it is its
    superior's alone. Everything else is the committee's office's; what is against that office, or
    against a unit that is that office (A54), goes to 市职改办.
    """
    accused = case.unit if against_unit else case.office if against_office else ""
    if against_office or (against_unit and case.unit == case.office):
        return InquiryBody.CITY_OFFICE, accused
    if not near:
        return InquiryBody.OFFICE, accused
    if not against_unit:
        return InquiryBody.UNIT, accused
    above = superior_of(case, case.unit)
    return (InquiryBody.SUPERIOR if above else InquiryBody.OFFICE), accused


def organisation_of(case: Case, body: InquiryBody) -> str:
    """The organisation whose duty an inquiry is."""
    return {
        InquiryBody.UNIT: case.unit,
        InquiryBody.SUPERIOR: superior_of(case, case.unit),
        InquiryBody.OFFICE: case.office,
        InquiryBody.CITY_OFFICE: case.policy.committee.city_office,
    }[body]


def holds_publicity(case: Case) -> bool:
    """Whether an objection that is not concluded keeps the unit from reporting up (T3)."""
    return case.stage is Stage.UNIT_PUBLICITY and any(
        item.kind is InquiryKind.OBJECTION and item.raised_in is Stage.UNIT_PUBLICITY
        for item in case.open_inquiries
    )


def stands_against(case: Case) -> bool:
    """Whether something was found true of an application that had ended, and would have ended it: it
    comes back to life by nobody's undoing, reinstating or late word (T3)."""
    return case.end is not None and any(item.found_after_end for item in case.inquiries)


def may_inquire(case: Case, inquiry: Inquiry, organisation: str) -> bool:
    """Whether an organisation may decide an inquiry: its body, or for the unit's its superior."""
    if not organisation or organisation == inquiry.accused:
        return False
    takes_over = inquiry.body is InquiryBody.UNIT and organisation == superior_of(case, case.unit)
    return takes_over or organisation == organisation_of(case, inquiry.body)
