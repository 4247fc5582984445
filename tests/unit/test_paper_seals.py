"""Seals and codes: intact, trusted with the root, and a changed byte is found out."""

from __future__ import annotations

import base64
import json
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import segno
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from activities.papers.codes import Claims, as_qr, check_code, make_code
from activities.papers.sealing import Impression, sealed
from activities.papers.seals import SealError, SealKey, Seals, as_der, read_roots
from activities.papers.signed_text import CodeError
from activities.papers.typesetting import typeset
from activities.papers.verification import PdfUnreadableError, check_seals, code_in
from tests.paper_samples import at, data_of
from workers.stack.seals import DemoSeal, demo_seal
from workflows.rules.papers import PaperKind

SET_AT = at("2024-01-12")
CLAIMS = Claims(
    number="2024DSJ00001",
    holder="欧阳三（示例）",
    id_number="990*************19",
    profession="大数据智能化",
    level="副高级",
    obtained_on=date(2023, 12, 8),
    issued_on=date(2024, 1, 12),
    document="渝职改办〔2024〕12号",
    committee="工程技术大数据智能化副高级评委会",
)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSeal:
    """A demonstration's seal, as the embedded stack makes it."""
    return demo_seal(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> DemoSeal:
    """Another one, by another root."""
    return demo_seal(tmp_path_factory.mktemp("other"))


def key_of(made: DemoSeal) -> SealKey:
    found = Seals.load(made.store, made.password).of("anybody")
    assert found is not None
    return found


def roots_of(made: DemoSeal) -> tuple[x509.Certificate, ...]:
    return read_roots(made.root.read_bytes())


def paper(made: DemoSeal, kind: PaperKind = PaperKind.REVIEW_FORM) -> bytes:
    """A sealed paper."""
    key = key_of(made)
    unsealed = typeset(kind, data_of(kind, key))
    impressions = [Impression(place.of.value, key, place) for place in unsealed.places]
    return in_a_thread(unsealed.content, impressions)


def in_a_thread(content: bytes, impressions: list[Impression]) -> bytes:
    """Seal as the activity does: beside the loop, not in it."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(sealed, content, impressions, SET_AT).result()


@pytest.fixture(scope="session")
def form(demo: DemoSeal) -> bytes:
    """A 评审表 under both seals."""
    return paper(demo)


@pytest.mark.parametrize("kind", [PaperKind.REVIEW_FORM, PaperKind.CERTIFICATE])
async def test_a_seal_is_intact_and_trusted_where_the_root_is_installed(
    kind: PaperKind, demo: DemoSeal
) -> None:
    checks = await check_seals(paper(demo, kind), roots_of(demo))
    assert len(checks) == (2 if kind is PaperKind.REVIEW_FORM else 1)
    assert all(check.good for check in checks)
    assert {check.set_at for check in checks} == {SET_AT}


async def test_pyhankos_own_validator_says_the_same(demo: DemoSeal, form: bytes) -> None:
    trusted = [asn1_x509.Certificate.load(der) for der in as_der(roots_of(demo))]
    for signature in PdfFileReader(BytesIO(form)).embedded_regular_signatures:
        status = await async_validate_pdf_signature(
            signature, ValidationContext(trust_roots=trusted, allow_fetching=False)
        )
        assert status.bottom_line
        assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


async def test_without_the_root_a_seal_is_intact_and_not_trusted(
    other: DemoSeal, form: bytes
) -> None:
    checks = await check_seals(form, roots_of(other))
    assert all(check.intact and check.valid and not check.trusted for check in checks)
    assert not any(check.good for check in checks)


@pytest.mark.parametrize("where", [0.02, 0.2, 0.5])
async def test_a_flipped_byte_is_found_out(where: float, demo: DemoSeal, form: bytes) -> None:
    place = int(len(form) * where)
    changed = form[:place] + bytes([form[place] ^ 1]) + form[place + 1 :]
    try:
        checks = await check_seals(changed, roots_of(demo))
    except PdfUnreadableError:
        return  # so broken that no reader opens it
    assert not all(check.good for check in checks)


async def test_words_added_afterwards_are_found_out(demo: DemoSeal) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(paper(demo, PaperKind.CERTIFICATE)))
    page, _ = writer.find_page_for_modification(0)  # type: ignore[no-untyped-call]
    page.get_object()[pdf_name("/Contents")] = page.get_object().raw_get("/Contents")
    stream = writer.add_object(pdf_string("added"))
    page.get_object()[pdf_name("/Added")] = stream
    writer.update_container(page.get_object())
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    checks = await check_seals(out.getvalue(), roots_of(demo))
    assert [check.changed_after for check in checks] == [True]
    assert not checks[0].good


async def test_the_unsealed_bytes_stand_at_the_beginning(demo: DemoSeal) -> None:
    kind = PaperKind.CERTIFICATE
    key = key_of(demo)
    unsealed = typeset(kind, data_of(kind, key))
    made = in_a_thread(unsealed.content, [Impression("x", key, unsealed.places[0])])
    assert made.startswith(unsealed.content)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler-utils is not installed")
def test_poppler_finds_both_signatures(form: bytes, tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(form)
    told = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, check=False)  # noqa: S603, S607
    out = told.stdout.decode()
    assert out.count("Signature is Valid") == 2
    assert "ETSI.CAdES.detached" in out


@pytest.mark.parametrize("content", [b"", b"no pdf", b"%PDF-1.7\nbroken"])
async def test_what_is_no_pdf_is_said_to_be_none(content: bytes, demo: DemoSeal) -> None:
    with pytest.raises(PdfUnreadableError):
        await check_seals(content, roots_of(demo))
    with pytest.raises(PdfUnreadableError):
        code_in(content)


def test_a_code_is_checked_offline_with_the_root_alone(demo: DemoSeal) -> None:
    code = make_code(CLAIMS, key_of(demo))
    assert check_code(code, roots_of(demo)).claims == CLAIMS
    assert check_code(f" {code[:200]}\n{code[200:]} ", roots_of(demo)).claims == CLAIMS


def test_a_code_fits_a_square_that_can_be_scanned(demo: DemoSeal) -> None:
    code = make_code(CLAIMS, key_of(demo))
    assert len(code) < 1100
    assert int(segno.make(code, error="l").designator.split("-")[0]) <= 24
    assert as_qr(code).startswith("<svg")


def test_a_certificates_pdf_carries_its_code(demo: DemoSeal) -> None:
    content = paper(demo, PaperKind.CERTIFICATE)
    said = check_code(code_in(content), roots_of(demo)).claims
    assert (said.number, said.holder) == ("2024DSJ00001", "欧阳三（示例）")
    assert code_in(paper(demo, PaperKind.REVIEW_FORM)) == ""


def changed(code: str, part: int, value: str) -> str:
    parts = code.split(".")
    parts[part] = value
    return ".".join(parts)


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def test_a_code_with_another_name_is_found_out(demo: DemoSeal) -> None:
    code = make_code(CLAIMS, key_of(demo))
    payload = json.loads(CLAIMS.canonical()) | {"h": "李四（示例）"}
    forged = changed(code, 1, encoded(json.dumps(payload).encode()))
    with pytest.raises(CodeError) as caught:
        check_code(forged, roots_of(demo))
    assert caught.value.reason == "signature"


def test_a_code_under_a_seal_of_ones_own_making_is_not_trusted(
    demo: DemoSeal, other: DemoSeal
) -> None:
    code = make_code(CLAIMS, key_of(other))
    with pytest.raises(CodeError) as caught:
        check_code(code, roots_of(demo))
    assert caught.value.reason == "untrusted"


def test_a_seal_certified_by_a_seal_is_not_trusted(demo: DemoSeal) -> None:
    """Whoever holds a sealing key cannot make others: its certificate is no authority's."""
    own = key_of(demo)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = (
        x509.CertificateBuilder()
        .issuer_name(own.certificate.subject)
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "冒用")]))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(own.key, hashes.SHA256())
    )
    code = make_code(CLAIMS, SealKey(key, certificate))
    with pytest.raises(CodeError) as caught:
        check_code(code, (*roots_of(demo), own.certificate))
    assert caught.value.reason == "untrusted"


def test_the_seal_itself_is_no_root(demo: DemoSeal) -> None:
    code = make_code(CLAIMS, key_of(demo))
    with pytest.raises(CodeError) as caught:
        check_code(code, (key_of(demo).certificate,))
    assert caught.value.reason == "untrusted"


def test_a_seal_must_have_been_valid_on_the_day_of_issue(demo: DemoSeal) -> None:
    for day in (datetime(2019, 12, 30, tzinfo=UTC), datetime(2050, 1, 2, tzinfo=UTC)):
        late = CLAIMS.model_copy(update={"issued_on": day.date()})
        with pytest.raises(CodeError) as caught:
            check_code(make_code(late, key_of(demo)), roots_of(demo))
        assert caught.value.reason == "untrusted"


@pytest.mark.parametrize(
    "code",
    ["", "ZP1", "ZP1...", "ZP2.a.b.c", "ZP1.####.b.c", "ZP1.YQ.YQ.YQ", "x" * 9000, "ZP1.YR.YQ.YQ"],
)
def test_what_is_no_code_is_said_to_be_none(code: str, demo: DemoSeal) -> None:
    with pytest.raises(CodeError) as caught:
        check_code(code, roots_of(demo))
    assert caught.value.reason == "format"


def test_a_code_has_one_writing(demo: DemoSeal) -> None:
    """The last character of a base64 part may have spare bits; another one is refused."""
    code = make_code(CLAIMS, key_of(demo))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    parts = code.split(".")
    for part in (1, 2, 3):
        text = parts[part]
        if len(text) % 4 == 0:
            continue
        near = alphabet[alphabet.index(text[-1]) ^ 1]
        with pytest.raises(CodeError):
            check_code(changed(code, part, text[:-1] + near), roots_of(demo))


def test_an_rsa_seal_signs_codes_too(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "市职改办")])
    root = (
        x509.CertificateBuilder()
        .issuer_name(name)
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    leaf_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    leaf = (
        x509.CertificateBuilder()
        .issuer_name(name)
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "印章")]))
        .public_key(leaf_key.public_key())
        .serial_number(2)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    code = make_code(CLAIMS, SealKey(leaf_key, leaf))
    assert check_code(code, (root,)).claims == CLAIMS


def test_the_demonstrations_seal_is_private_says_so_and_is_made_once(tmp_path: Path) -> None:
    first = demo_seal(tmp_path)
    again = demo_seal(tmp_path)
    assert first == again
    assert key_of(first).demo
    assert "演示" in key_of(first).holder
    assert stat.S_IMODE(first.store.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "seal.env").stat().st_mode) == 0o600
    # The root's own key is nowhere: nobody can certify another seal with it.
    assert not list(tmp_path.glob("*.key"))
    assert b"PRIVATE" not in first.root.read_bytes()


def test_a_start_that_was_cut_short_makes_the_seal_anew(tmp_path: Path) -> None:
    first = demo_seal(tmp_path)
    (tmp_path / "seal.env").unlink()
    second = demo_seal(tmp_path)
    assert first.password != second.password
    assert key_of(second).certificate != x509.load_pem_x509_certificate(first.root.read_bytes())


def test_seals_by_organisation_and_one_for_the_rest(
    tmp_path: Path, demo: DemoSeal, other: DemoSeal
) -> None:
    content = demo.store.read_bytes()
    (tmp_path / "default.p12").write_bytes(content)
    loaded = Seals.load(tmp_path, demo.password)
    assert loaded.of("city-title-office") == loaded.of("anybody")
    (tmp_path / "city-title-office.p12").write_bytes(other.store.read_bytes())
    with pytest.raises(SealError) as caught:
        Seals.load(tmp_path, demo.password)
    assert "city-title-office.p12" in str(caught.value)
    assert demo.password not in str(caught.value)
    assert Seals.load(None, None).of("anybody") is None


@pytest.mark.parametrize("content", [b"", b"no pem", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_file_without_certificates_is_no_root(content: bytes) -> None:
    with pytest.raises(SealError):
        read_roots(content)
