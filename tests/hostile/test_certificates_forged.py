"""A certificate that is none: words added to a sealed file, a shop's seal, a title that is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from activities.papers.authority import seal_register
from activities.papers.codes import Claims, make_code
from activities.papers.sealing import Impression, sealed
from activities.papers.seals import SealKey
from activities.papers.standing import CertificateStanding, standing_of
from activities.papers.typesetting import typeset
from activities.papers.verification import check_seals, code_in
from activities.papers.withdrawals import WithdrawalList, Withdrawn, sealed_list
from starter.cli import zhiping
from tests.paper_samples import at, data_of
from tests.unit.test_results_law import act, confirmed
from workflows.application.case import Case, ResultEntry
from workflows.rules.names import Result
from workflows.rules.papers import PaperKind

SEALS = Path(__file__).parents[2] / "config" / "seals" / "chongqing.toml"
CITY, BUREAU, SHOP = "重庆市职称改革办公室", "重庆市大数据应用发展管理局", "路边小店"
COMMITTEE = "工程技术大数据智能化副高级评委会"
NUMBER = "2024DSJ00001"
CLAIMS = Claims(
    number=NUMBER,
    holder="欧阳三（示例）",
    id_number="990*************19",
    profession="大数据智能化",
    level="副高级",
    obtained_on=date(2023, 12, 8),
    issued_on=date(2024, 1, 12),
    document="渝职改办〔2024〕12号",
    committee=COMMITTEE,
)
OTHERS = CLAIMS.model_copy(update={"number": "2024DSJ00002", "holder": "李四（示例）"})


@dataclass(frozen=True)
class Authority:
    """A root as a certification authority has it: it certifies seals, not what they say."""

    key: ec.EllipticCurvePrivateKey
    root: x509.Certificate
    file: Path

    def seal(self, holder: str) -> SealKey:
        """A seal for whoever asks for one."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _certificate(self.root.subject, named(holder), key.public_key())
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=True,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        leaf = leaf.add_extension(usage, critical=True)
        return SealKey(key, leaf.sign(self.key, hashes.SHA256()))


def named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2049, 1, 1, tzinfo=UTC))
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = named("示例根证书")
    root = (
        _certificate(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("root") / "root.pem"
    file.write_bytes(root.public_bytes(Encoding.PEM))
    return Authority(key, root, file)


@pytest.fixture(scope="module")
def city(authority: Authority) -> SealKey:
    return authority.seal(CITY)


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An employer's desk, without settings of ours."""
    for name in ("ZHIPING_CONFIG", "ZHIPING_STACK", "ZHIPING_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def paper(code_by: SealKey, sealed_by: SealKey, kind: PaperKind = PaperKind.CERTIFICATE) -> bytes:
    """A sealed paper whose code, where it has one, is by the first key."""
    unsealed = typeset(kind, data_of(kind, code_by))
    places = [Impression(place.of.value, sealed_by, place) for place in unsealed.places]
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(sealed, unsealed.content, places, at("2024-01-12")).result()


def with_keywords(content: bytes, code: str) -> bytes:
    """A further revision that says another code: allowed by every reader, covered by no seal."""
    writer = IncrementalPdfFileWriter(BytesIO(content))
    writer.set_info(None)
    info = writer.trailer_view["/Info"].get_object() if "/Info" in writer.trailer_view else None
    if info is None:
        raise AssertionError("no information dictionary")
    info[pdf_name("/Keywords")] = pdf_string(code)
    writer.update_container(info)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def verify(authority: Authority, subject: bytes | str, *more: str) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of `certificate verify`."""
    asked: Sequence[str] = [subject] if isinstance(subject, str) else ["c.pdf"]
    if isinstance(subject, bytes):
        Path("c.pdf").write_bytes(subject)
    root = ["--root", str(authority.file)]
    if "--seals" not in more:
        root += ["--seals", str(SEALS)]
    answer = CliRunner().invoke(zhiping, ["certificate", "verify", *asked, *root, *more, "--json"])
    return answer.exit_code, json.loads(answer.output)


# ---- what counts lies inside the signed revision


def test_a_genuine_certificate_is_one(authority: Authority, city: SealKey) -> None:
    code, told = verify(authority, paper(city, city))

    assert code == 0, told
    assert told["certificate"]["number"] == NUMBER
    assert told["unchecked"] == ["revocation", "seal_certificates", "holder"]


@pytest.mark.parametrize("kind", [PaperKind.CERTIFICATE, PaperKind.REVIEW_FORM])
def test_a_code_added_after_the_seal_is_not_the_papers(
    kind: PaperKind, authority: Authority, city: SealKey
) -> None:
    genuine = paper(city, city, kind)
    forged = with_keywords(genuine, make_code(OTHERS, city))

    assert code_in(forged) == code_in(genuine)
    checks = asyncio.run(check_seals(forged, [authority.root]))
    assert checks[-1].changed_after
    code, told = verify(authority, forged)
    assert (code, told["code"]) == (3, "changed_after")


def test_a_sealed_paper_does_not_become_a_certificate_by_a_code_of_another_seal(
    authority: Authority, city: SealKey
) -> None:
    """Sealed by an office with a code of the city's in it from the start."""
    bureau = authority.seal(BUREAU)

    code, told = verify(authority, paper(city, bureau))

    assert (code, told["code"]) == (3, "code_of_another")


def test_anything_after_the_last_seal_counts_for_nothing(
    authority: Authority, city: SealKey
) -> None:
    code, told = verify(authority, paper(city, city) + b"\n% another word\n")

    assert (code, told["code"]) == (3, "changed_after")


# ---- which seal may certify what


def test_a_shops_seal_under_the_root_makes_no_title(authority: Authority) -> None:
    shop = authority.seal(SHOP)

    by_code, code = verify(authority, make_code(CLAIMS, shop))
    by_paper, sealed_one = verify(authority, paper(shop, shop))

    assert (by_code, code["code"]) == (3, "seal_not_entitled")
    assert (by_paper, sealed_one["code"]) == (3, "seal_not_registered")


def test_a_seal_certifies_its_own_committees_titles_alone(
    authority: Authority, city: SealKey
) -> None:
    foreign = CLAIMS.model_copy(update={"committee": "外省某评委会"})
    bureau = authority.seal(BUREAU)

    assert verify(authority, make_code(CLAIMS, city))[0] == 0
    assert verify(authority, make_code(foreign, city))[1]["code"] == "seal_not_entitled"
    assert verify(authority, make_code(CLAIMS, bureau))[1]["code"] == "seal_not_entitled"


def test_another_register_is_another_trust(
    authority: Authority, city: SealKey, tmp_path: Path
) -> None:
    named_here = tmp_path / "seals.toml"
    named_here.write_text(f'[[seals]]\nholder = "{SHOP}"\ncommittees = ["{COMMITTEE}"]\n', "utf-8")
    asked = ("--seals", str(named_here))

    assert verify(authority, make_code(CLAIMS, authority.seal(SHOP)), *asked)[0] == 0
    assert verify(authority, make_code(CLAIMS, city), *asked)[1]["code"] == "seal_not_entitled"
    named_here.write_text("seals = 3", "utf-8")
    assert verify(authority, make_code(CLAIMS, city), *asked)[1]["code"] == "register_unusable"


def test_every_committee_of_ours_has_a_seal_that_may_certify_it() -> None:
    register = seal_register(SEALS)

    for committee in (COMMITTEE, "工程技术绿色低碳专业评委会", "某单位职称评审委员会"):
        assert register.may_certify(CITY, committee)
    assert not register.may_certify(SHOP, COMMITTEE)
    assert not register.may_certify(BUREAU, COMMITTEE)


# ---- what has become of a title


def standing(case: Case, on: str = "2024-06-01") -> CertificateStanding:
    return standing_of(case, date(2024, 1, 12), "示例1号", date.fromisoformat(on)).standing


def reassessed(result: Result, effective_on: date | None) -> Case:
    """A title whose result was judged again."""
    case = confirmed()
    case.results[-1].recheck_decision = "reassess"
    case.results.append(
        ResultEntry(
            number=2,
            result=result,
            meeting_ended_on=date(2024, 3, 8),
            recorded_at=at("2024-03-08"),
            effective_on=effective_on,
            document="示例2号" if effective_on else "",
        )
    )
    return case


def test_what_became_of_a_title_is_told_apart() -> None:
    titled = confirmed()
    revoked = act(titled, "revoke", "city", "2024-02-01T10:00", reason="text-1")
    decided = confirmed()
    decided.results[-1].recheck_decision = "reassess"

    assert standing(titled) is CertificateStanding.VALID
    assert standing(titled, "2024-01-11") is CertificateStanding.NOT_YET
    assert standing(revoked) is CertificateStanding.REVOKED
    assert standing(decided) is CertificateStanding.REASSESSING
    assert standing(reassessed(Result.PASSED, None)) is CertificateStanding.REASSESSING
    for result in (Result.PASSED, Result.NOT_PASSED):
        gone = reassessed(result, date(2024, 4, 1))
        assert standing(gone) is CertificateStanding.SUPERSEDED


def test_a_new_title_after_a_reassessment_stands() -> None:
    case = reassessed(Result.PASSED, date(2024, 4, 1))

    found = standing_of(case, date(2024, 4, 1), "示例2号 ", date(2024, 6, 1))

    assert found.standing is CertificateStanding.VALID


# ---- offline: a list, and what was not checked


def a_list(*withdrawn: Withdrawn, as_of: datetime | None = None) -> WithdrawalList:
    return WithdrawalList(as_of=as_of or at("2024-06-01"), withdrawn=withdrawn)


def written(tmp_path: Path, said: WithdrawalList, key: SealKey) -> str:
    file = tmp_path / "withdrawn.txt"
    file.write_text(sealed_list(said, key), encoding="ascii")
    return str(file)


@pytest.mark.parametrize("gone", ["revoked", "superseded", "reassessing"])
def test_a_certificate_on_the_list_is_refused_offline(
    gone: str, authority: Authority, city: SealKey, tmp_path: Path
) -> None:
    item = Withdrawn(number=NUMBER, standing=CertificateStanding(gone), since=date(2024, 2, 1))
    listed = written(tmp_path, a_list(item), city)

    code, told = verify(authority, paper(city, city), "--revocations", listed)

    assert (code, told["code"]) == (3, f"certificate_{gone}")


def test_a_list_without_it_says_until_when(
    authority: Authority, city: SealKey, tmp_path: Path
) -> None:
    other = Withdrawn(number="2024DSJ00009", standing=CertificateStanding.REVOKED)
    listed = written(tmp_path, a_list(other), city)

    code, told = verify(authority, make_code(CLAIMS, city), "--revocations", listed)

    assert (code, told["revocation"]) == (0, "not_listed")
    assert told["revocations_as_of"].startswith("2024-06-01")
    assert told["unchecked"] == ["seal_certificates", "holder", "paper"]


def test_a_list_by_a_shop_or_changed_or_older_than_the_certificate_is_none(
    authority: Authority, city: SealKey, tmp_path: Path
) -> None:
    def refused(said: WithdrawalList, key: SealKey, change: str = "") -> str:
        file = Path(written(tmp_path, said, key))
        file.write_text(file.read_text().replace("ZR1.", f"ZR1.{change}"), encoding="ascii")
        code, told = verify(authority, make_code(CLAIMS, city), "--revocations", str(file))
        assert code == 3
        return str(told["code"])

    assert refused(a_list(), authority.seal(SHOP)) == "seal_not_registered"
    assert refused(a_list(), city, "x") == "revocations_unusable"
    assert refused(a_list(as_of=at("2024-01-11")), city) == "revocations_too_old"


def test_a_certificate_of_tomorrow_is_not_yet_one(authority: Authority, city: SealKey) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=3)).date()
    early = CLAIMS.model_copy(update={"issued_on": tomorrow})

    code, told = verify(authority, make_code(early, city))

    assert (code, told["code"]) == (3, "certificate_not_yet_effective")
