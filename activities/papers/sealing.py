"""Sealing: a real PDF signature whose appearance is the round red seal (PAdES, ISO 32000)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from activities.papers.fonts import SHIPPED, Fonts
from activities.papers.seals import SealKey, as_der
from activities.papers.typesetting import SealPlace, draw_seal

DIGEST = "sha256"
BELOW, BELOW_DEMO = "电子印章", "演示印章"
DRAWING = "/Seal"


@dataclass(frozen=True)
class Impression:
    """One seal to be set: whose name it shows, with which key, and where."""

    name: str
    key: SealKey
    place: SealPlace


def sealed(
    content: bytes, impressions: Sequence[Impression], at: datetime, fonts: Fonts = SHIPPED
) -> bytes:
    """Set the seals one after the other, each over all that stands before it.

    CPU work: call it in a thread.

    Args:
        content: the unsealed PDF.
        at: when the seals are set; the record's time, not the machine's.
        fonts: the names of the seals are drawn in them.

    Returns:
        The signed PDF: the bytes of `content`, followed by one revision a seal.
    """
    for number, impression in enumerate(impressions, 1):
        content = _sealed_once(content, impression, at, number, fonts)
    return content


def _sealed_once(
    content: bytes, impression: Impression, at: datetime, number: int, fonts: Fonts
) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(content))
    place = impression.place
    field = f"Seal{number}"
    height = float(_page_height(writer, place.page - 1))
    top, left = height - place.y, place.x
    box = (left, top - place.size, left + place.size, top)
    below = BELOW_DEMO if impression.key.demo else BELOW
    signer = _TimedSigner(
        PdfSignatureMetadata(
            field_name=field,
            md_algorithm=DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            name=impression.name,
            reason=f"{impression.name}{below}",
        ),
        _signer(impression.key),
        stamp_style=StaticStampStyle(
            background=_Drawing(draw_seal(impression.name, below, place.size, fonts), place.size),
            background_opacity=1.0,
            border_width=0,
        ),
        new_field_spec=SigFieldSpec(field, on_page=place.page - 1, box=_rounded(box)),
    )
    signer.at = at
    output = BytesIO()
    asyncio.run(signer.async_sign_pdf(writer, output=output))
    return output.getvalue()


class _TimedSigner(PdfSigner):
    """A signer that states the record's time instead of the machine's."""

    at: datetime

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        """As pyHanko's, at the time given."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


class _Drawing(PdfContent):
    """A page from memory as the appearance of a field."""

    def __init__(self, page: bytes, size: float) -> None:
        self._page = page
        super().__init__(box=BoxConstraints(width=size, height=size))

    def render(self) -> bytes:
        """Import the page and draw it."""
        writer = self.writer
        assert writer is not None  # noqa: S101 - pyHanko sets it before it asks
        self.resources.xobject[DRAWING] = writer.import_page_as_xobject(
            PdfFileReader(BytesIO(self._page))
        )
        return f"{DRAWING} Do".encode()


def _signer(key: SealKey) -> SimpleSigner:
    private = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([asn1_x509.Certificate.load(der) for der in as_der(key.chain)])
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(as_der([key.certificate])[0]),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=registry,
        embed_roots=False,
    )


def _page_height(writer: IncrementalPdfFileWriter, page: int) -> float:
    found, _ = writer.find_page_for_modification(page)  # type: ignore[no-untyped-call]
    x1, y1, x2, y2 = found.get_object()["/MediaBox"]
    del x1, x2
    return abs(float(y2) - float(y1))


def _rounded(box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    left, bottom, right, top = (round(side) for side in box)
    return left, bottom, right, top
