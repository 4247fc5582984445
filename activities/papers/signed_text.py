"""A short text under a seal: `FORMAT.<payload>.<signature>.<certificate>`, each part base64url.

The signature is the seal key's over `FORMAT.<payload>`, the certificate the seal's own: with the
root certificate alone anybody can check it, without asking us. Codes of certificates and lists of
withdrawn ones are written so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

from activities.papers.seals import SealKey

PARTS = 4
DIGEST = hashes.SHA256()


class CodeError(Exception):
    """A text is not one, or not genuine; `reason` is stable: `format`, `signature`, `untrusted`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class SignedText:
    """A text taken apart whose signature is its certificate's; whom to trust is another question."""

    payload: bytes
    certificate: x509.Certificate


def signed_text(form: str, payload: bytes, seal: SealKey) -> str:
    """A payload under a seal."""
    head = f"{form}.{_encoded(payload)}"
    signature = _encoded(_sign(seal, head.encode()))
    return f"{head}.{signature}.{_encoded(seal.certificate.public_bytes(Encoding.DER))}"


def open_text(form: str, text: str, *, longest: int) -> SignedText:
    """Take a text apart and check its signature.

    Raises:
        CodeError: `format`, `signature`.
    """
    parts = "".join(text.split()).split(".")
    if len(text) > longest or len(parts) != PARTS or parts[0] != form:
        raise CodeError("format")
    try:
        payload, signature, der = (_decoded(part) for part in parts[1:])
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        raise CodeError("format") from None
    if not _signed(certificate, signature, f"{parts[0]}.{parts[1]}".encode()):
        raise CodeError("signature")
    return SignedText(payload, certificate)


def is_certified(
    certificate: x509.Certificate, roots: Iterable[x509.Certificate], on: date
) -> bool:
    """Whether a chain leads from the seal to a self-signed root among those given, valid on a day."""
    trusted = tuple(roots)
    at = datetime.combine(on, datetime.min.time())
    last = datetime.combine(on, datetime.max.time())
    current = certificate
    for _ in range(len(trusted) + 1):
        # Bounds without zone: a day's difference of zones must not cost a day's validity.
        if not (
            current.not_valid_before_utc.replace(tzinfo=None) <= last
            and at <= current.not_valid_after_utc.replace(tzinfo=None)
        ):
            return False
        if current in trusted and current.issuer == current.subject:
            return current is not certificate
        issuer = next((root for root in trusted if _issued(current, root)), None)
        if issuer is None:
            return False
        current = issuer
    return False


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
    """Decode strictly: a text has one writing.

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
