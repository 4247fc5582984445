"""Verifying a sealed PDF without any service of ours: intact, whose seal, trusted by which root."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from activities.papers.codes import FORMAT
from activities.papers.seals import as_der

KEYWORDS = "/Keywords"


class PdfUnreadableError(Exception):
    """The file is no PDF, or so damaged that nothing can be said of it."""


@dataclass(frozen=True)
class SealCheck:
    """One seal of a PDF.

    Attributes:
        name: whose seal it says it is.
        holder: the subject of the certificate it was set with.
        intact: what it covers was not changed.
        valid: the signature is the key's.
        trusted: the certificate is certified by one of the given roots.
        changed_after: something other than a further seal was added after it, or anything at all
            after the last one: what no seal covers counts for nothing.
        certificate: DER of the certificate it was set with.
    """

    name: str
    holder: str
    intact: bool
    valid: bool
    trusted: bool
    changed_after: bool
    set_at: datetime | None
    certificate: bytes = b""

    @property
    def good(self) -> bool:
        """Whether one may rely on it."""
        return self.intact and self.valid and self.trusted and not self.changed_after


# It logs a forged revision with its whole trace; the answer says that it is one, in words.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)


async def check_seals(content: bytes, roots: Iterable[x509.Certificate]) -> tuple[SealCheck, ...]:
    """Check every seal of a PDF; no seals, no checks.

    Raises:
        PdfUnreadableError: it is no PDF.
    """
    trusted = [asn1_x509.Certificate.load(der) for der in as_der(roots)]
    signatures = _signatures(content)
    last = len(signatures)
    return tuple(
        [
            await _checked(item, trusted, last=number == last)
            for number, item in enumerate(signatures, 1)
        ]
    )


def code_in(content: bytes) -> str:
    """The verification code a certificate's PDF carries; empty where there is none.

    In a sealed file only what the first seal covers counts: whoever adds a revision afterwards can
    write any code into it.

    Raises:
        PdfUnreadableError: it is no PDF.
    """
    signatures = _signatures(content)
    try:
        sealed = content[: _end_of(signatures[0])] if signatures else content
        trailer = PdfFileReader(BytesIO(sealed)).trailer_view
        # In a signed file it is a reference, in an unsigned one the dictionary itself.
        information = trailer["/Info"].get_object() if "/Info" in trailer else {}
        keywords = str(information.get(KEYWORDS, ""))
    except (PdfError, ValueError) as err:
        raise PdfUnreadableError(type(err).__name__) from None
    return next(
        (word for word in keywords.replace(",", " ").split() if word.startswith(FORMAT)), ""
    )


def _signatures(content: bytes) -> list[EmbeddedPdfSignature]:
    try:
        return list(PdfFileReader(BytesIO(content)).embedded_regular_signatures)
    except (PdfError, ValueError) as err:
        raise PdfUnreadableError(type(err).__name__) from None


def _end_of(signature: EmbeddedPdfSignature) -> int:
    """Where the bytes that a seal covers end."""
    *_, start, length = (int(part) for part in signature.byte_range)
    return start + length


async def _checked(
    signature: EmbeddedPdfSignature, roots: list[asn1_x509.Certificate], *, last: bool
) -> SealCheck:
    name = str(signature.sig_object.get("/Name", ""))
    # It warns of whatever it does not trust; that is what we ask it for.
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)
    logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)
    try:
        status = await async_validate_pdf_signature(
            signature, ValidationContext(trust_roots=roots, allow_fetching=False)
        )
    except (SignatureValidationError, PdfError, ValueError):
        return SealCheck(name, "", False, False, False, True, None)
    subject = status.signing_cert.subject.native
    return SealCheck(
        name=name,
        holder=str(subject.get("common_name", "")),
        intact=status.intact,
        valid=status.valid,
        trusted=status.trusted,
        changed_after=not status.docmdp_ok
        or not _only_seals_after(status)
        or not _covers_enough(status, last=last),
        set_at=status.signer_reported_dt,
        certificate=status.signing_cert.dump(),
    )


def _only_seals_after(status: object) -> bool:
    level = getattr(status, "modification_level", None)
    return level is not None and level.name in {"NONE", "LTA_UPDATES", "FORM_FILLING"}


def _covers_enough(status: PdfSignatureStatus, *, last: bool) -> bool:
    """The last seal covers the whole file, each before it the whole revision it was set in."""
    needed = SignatureCoverageLevel.ENTIRE_FILE if last else SignatureCoverageLevel.ENTIRE_REVISION
    return status.coverage is not None and status.coverage >= needed
