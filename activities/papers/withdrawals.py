"""A signed list of the certificates whose title does not stand any more, for checking offline.

`ZR1.<payload>.<signature>.<certificate>` as `signed_text` has it. It names numbers, no people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from cryptography import x509
from pydantic import ValidationError

from activities.database import Pool
from activities.operating import Operating
from activities.papers.seals import SealKey
from activities.papers.signed_text import CodeError, is_certified, open_text, signed_text
from activities.papers.standing import CertificateStanding, standing_of
from activities.reading import Reading
from activities.statements import statements
from workflows.application.case import KeptCase
from workflows.rules.message import Message, local_date

SQL = statements("papers")
FORMAT = "ZR1"
MAX_LENGTH = 20_000_000


class Withdrawn(Message):
    """One certificate that does not stand."""

    number: str
    standing: CertificateStanding
    since: date | None = None


class WithdrawalList(Message):
    """Every certificate of a realm that did not stand at an instant; no other one."""

    as_of: datetime
    realm: str = "live"
    withdrawn: tuple[Withdrawn, ...] = ()

    def canonical(self) -> bytes:
        """The bytes that are signed: sorted keys, no gaps."""
        plain = self.model_dump(mode="json")
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    def of(self, number: str) -> Withdrawn | None:
        """What it says of a certificate."""
        return next((item for item in self.withdrawn if item.number == number), None)


@dataclass(frozen=True)
class CheckedList:
    """A genuine list, and whose seal it bears."""

    said: WithdrawalList
    certificate: x509.Certificate


def sealed_list(said: WithdrawalList, seal: SealKey) -> str:
    """The list under a seal, in lines of a text file."""
    return signed_text(FORMAT, said.canonical(), seal)


def check_list(text: str, roots: Iterable[x509.Certificate]) -> CheckedList:
    """Check a list against root certificates, offline.

    Raises:
        CodeError: `format`, `signature`, `untrusted`.
    """
    opened = open_text(FORMAT, text, longest=MAX_LENGTH)
    try:
        said = WithdrawalList.model_validate_json(opened.payload)
    except ValidationError:
        raise CodeError("format") from None
    if not is_certified(opened.certificate, roots, local_date(said.as_of)):
        raise CodeError("untrusted")
    return CheckedList(said, opened.certificate)


async def withdrawn_by(work: Operating, office: str) -> tuple[Withdrawn, ...]:
    """The certificates that do not stand, of the committees whose titles an office issues."""
    reading = Reading(cast("Pool", work.connection), work.identity)
    found = []
    today = local_date(work.at)
    for row in await work.connection.fetch(SQL["perhaps_withdrawn"], work.request.realm):
        policy = await reading.policy(row["campaign"], None, work.request.realm)
        if policy is None or policy.committee.city_office != office:
            continue
        kept = KeptCase.model_validate_json(row["state"])
        stands = standing_of(kept, row["issued_on"], row["document"], today)
        if not stands.stands:
            found.append(Withdrawn(number=row["number"], **stands.model_dump()))
    return tuple(found)
