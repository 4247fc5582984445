"""The verification code of a certificate: what it says, signed, checked offline against a root.

`ZP1.<payload>.<signature>.<certificate>`, each part base64url. The payload is canonical JSON, the
signature the seal key's over `ZP1.<payload>`, the certificate the seal's own: with the root
certificate alone anybody can check the code, without asking us.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

import segno
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from activities.papers.seals import SealKey

FORMAT = "ZP1"
PARTS = 4
MAX_LENGTH = 8000
DIGEST = hashes.SHA256()


class CodeError(Exception):
    """A code is not one, or not genuine; `reason` is stable: `format`, `signature`, `untrusted`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
    head = f"{FORMAT}.{_encoded(claims.canonical())}"
    signature = _encoded(_sign(seal, head.encode()))
    return f"{head}.{signature}.{_encoded(seal.certificate.public_bytes(Encoding.DER))}"


def check_code(code: str, roots: Iterable[x509.Certificate]) -> Checked:
    """Check a code against root certificates, offline.

    Raises:
        CodeError: `format`: no code of ours; `signature`: changed, or signed by another key;
            `untrusted`: its seal is not certified by these roots.
    """
    head, signature, certificate, payload = _taken_apart(code)
    if not _signed(certificate, signature, head):
        raise CodeError("signature")
    try:
        claims = Claims.model_validate_json(payload)
    except ValidationError:
        raise CodeError("format") from None
    # A signature over other bytes than the canonical ones would let one certificate have two codes.
    if claims.canonical() != payload:
        raise CodeError("format")
    if not _certified(certificate, tuple(roots), claims.issued_on):
        raise CodeError("untrusted")
    return Checked(claims, certificate)


def as_qr(code: str) -> str:
    """The code as a QR square in SVG; the lowest correction, since the code is long."""
    out = BytesIO()
    segno.make(code, error="l", micro=False, boost_error=False).save(
        out, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()


def _taken_apart(code: str) -> tuple[bytes, bytes, x509.Certificate, bytes]:
    parts = "".join(code.split()).split(".")
    if len(code) > MAX_LENGTH or len(parts) != PARTS or parts[0] != FORMAT:
        raise CodeError("format")
    try:
        payload, signature, der = (_decoded(part) for part in parts[1:])
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        raise CodeError("format") from None
    return f"{parts[0]}.{parts[1]}".encode(), signature, certificate, payload


def _sign(seal: SealKey, message: bytes) -> bytes:
    if isinstance(seal.key, rsa.RSAPrivateKey):
        return seal.key.sign(message, padding.PKCS1v15(), DIGEST)
    # The two numbers side by side are eight bytes shorter than their DER form.
    r, s = utils.decode_dss_signature(seal.key.sign(message, ec.ECDSA(DIGEST)))
    width = (seal.key.curve.key_size + 7) // 8
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def _signed(certificate: x509.Certificate, signature: bytes, message: bytes) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), DIGEST)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(DIGEST))
            return True
    except InvalidSignature:
        pass
    return False


def _certified(
    certificate: x509.Certificate, roots: tuple[x509.Certificate, ...], issued_on: date
) -> bool:
    """Whether a chain leads from the seal to a self-signed root among those given."""
    at = datetime.combine(issued_on, datetime.min.time())
    last = datetime.combine(issued_on, datetime.max.time())
    current = certificate
    for _ in range(len(roots) + 1):
        # Bounds without zone: a day's difference of zones must not cost a day's validity.
        if not (
            current.not_valid_before_utc.replace(tzinfo=None) <= last
            and at <= current.not_valid_after_utc.replace(tzinfo=None)
        ):
            return False
        if current in roots and current.issuer == current.subject:
            return current is not certificate
        issuer = next((root for root in roots if _issued(current, root)), None)
        if issuer is None:
            return False
        current = issuer
    return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return constraints.ca


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Decode strictly: a code has one writing.

    Raises:
        ValueError: it is not base64url, or not written as we write it.
    """
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as err:
        raise ValueError("not base64url") from err
    if _encoded(content) != text:
        raise ValueError("not canonical base64url")
    return content
