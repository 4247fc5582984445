"""The verification code of a certificate: what it says, signed, checked offline against a root.

`ZP1.<payload>.<signature>.<certificate>` as `signed_text` has it; the payload is canonical JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import segno
from cryptography import x509
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from activities.papers.seals import SealKey
from activities.papers.signed_text import CodeError, is_certified, open_text, signed_text

FORMAT = "ZP1"
MAX_LENGTH = 8000


class Claims(BaseModel):
    """What a certificate says of its holder. Short keys: a code must fit a scannable square."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    number: str = Field(alias="n")
    holder: str = Field(alias="h")
    id_number: str = Field(alias="i")
    """Masked: enough to tell two of a name apart."""
    profession: str = Field(alias="p")
    level: str = Field(alias="l")
    obtained_on: date = Field(alias="o")
    """取得时间: the day of the meeting's result."""
    issued_on: date = Field(alias="d")
    """发证时间: the day of the 确认通知."""
    document: str = Field(alias="a")
    """批准文号."""
    committee: str = Field(alias="c")
    rehearsal: bool = Field(default=False, alias="x")

    def canonical(self) -> bytes:
        """The bytes that are signed: sorted keys, no gaps, defaults left out."""
        plain = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Checked:
    """A genuine code: what it says, and whose seal it bears."""

    claims: Claims
    certificate: x509.Certificate


def make_code(claims: Claims, seal: SealKey) -> str:
    """The code of a certificate under a seal."""
    return signed_text(FORMAT, claims.canonical(), seal)


def check_code(code: str, roots: Iterable[x509.Certificate]) -> Checked:
    """Check a code against root certificates, offline.

    Raises:
        CodeError: `format`: no code of ours; `signature`: changed, or signed by another key;
            `untrusted`: its seal is not certified by these roots.
    """
    opened = open_text(FORMAT, code, longest=MAX_LENGTH)
    try:
        claims = Claims.model_validate_json(opened.payload)
    except ValidationError:
        raise CodeError("format") from None
    # A signature over other bytes than the canonical ones would let one certificate have two codes.
    if claims.canonical() != opened.payload:
        raise CodeError("format")
    if not is_certified(opened.certificate, roots, claims.issued_on):
        raise CodeError("untrusted")
    return Checked(claims, opened.certificate)


def as_qr(code: str) -> str:
    """The code as a QR square in SVG; the lowest correction, since the code is long."""
    out = BytesIO()
    segno.make(code, error="l", micro=False, boost_error=False).save(
        out, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()
