"""What has become of a certificate: in force, not yet, under reassessment, superseded, or revoked."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from workflows.application.case import KeptCase
from workflows.rules.message import Message, local_date
from workflows.rules.names import EndName


class CertificateStanding(StrEnum):
    """Whether the title of a certificate stands."""

    VALID = "valid"
    NOT_YET = "not_yet_effective"
    """Its day of issue has not come."""
    REASSESSING = "reassessing"
    """A 复查 has the result judged again; the new result will supersede it."""
    SUPERSEDED = "superseded"
    """Another result of the same application took effect in its place."""
    REVOKED = "revoked"


STANDS = frozenset({CertificateStanding.VALID, CertificateStanding.NOT_YET})


class Standing(Message):
    """How a certificate stands, and since when where that is a day of its own."""

    standing: CertificateStanding
    since: date | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing took the title away."""
        return self.standing in STANDS


def standing_of(case: KeptCase, issued_on: date, document: str, on: date) -> Standing:
    """How the certificate of one result stands on a day.

    Args:
        issued_on: its 发证时间, and with `document` what tells its result from another of the case.
    """
    if case.end is not None and case.end.name is EndName.REVOKED:
        return Standing(standing=CertificateStanding.REVOKED, since=local_date(case.end.at))
    own = [
        item
        for item in case.results
        if item.effective_on == issued_on and item.document == document.strip()
    ]
    number = own[-1].number if own else 0
    later = [item for item in case.results if item.number > number]
    effective = next((item.effective_on for item in later if item.effective_on), None)
    if effective is not None:
        return Standing(standing=CertificateStanding.SUPERSEDED, since=effective)
    if later or (own and own[-1].recheck_decision == "reassess"):
        return Standing(standing=CertificateStanding.REASSESSING)
    if issued_on > on:
        return Standing(standing=CertificateStanding.NOT_YET, since=issued_on)
    return Standing(standing=CertificateStanding.VALID)
