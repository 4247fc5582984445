"""Verifying a certificate offline: what is genuine, what is refused, and what was not checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from activities.papers.authority import SealRegister, seal_register
from activities.papers.codes import FORMAT, Checked, Claims, check_code
from activities.papers.seals import DEMO_MARK, SealError, common_name, read_roots
from activities.papers.signed_text import CodeError
from activities.papers.standing import CertificateStanding
from activities.papers.verification import PdfUnreadableError, SealCheck, check_seals, code_in
from activities.papers.withdrawals import CheckedList, check_list
from activities.wording import label
from config.settings import Settings, SettingsError
from starter import tables
from starter.desk.refusing import NoAnswer, not_found, refused
from starter.private_files import is_file
from workflows.rules.message import local_date

PDF = b"%PDF-"
ASK = "请勿采信，并向发证机构核实。"


@dataclass(frozen=True)
class Trust:
    """Whom a verification trusts, and for what."""

    roots: tuple[x509.Certificate, ...]
    register: SealRegister


@dataclass(frozen=True)
class Found:
    """What a file or code proved to be."""

    seals: tuple[SealCheck, ...]
    checked: Checked | None
    """None for a sealed paper that is no certificate."""

    @property
    def unchecked(self) -> list[str]:
        """What neither file nor code can show (`labels.toml`, unchecked)."""
        missing = ["seal_certificates"]
        if self.checked is not None:
            missing.append("holder")
            missing += [] if self.seals else ["paper"]
        return missing


def trust(root: Path | None, seals: Path | None) -> Trust:
    """The roots and the register of seals: those named, else those of the settings.

    Raises:
        NoAnswer: `root_missing`, `root_unusable`, `register_unusable`.
    """
    try:
        roots = read_roots((root or _configured_root()).read_bytes())
    except (OSError, SealError):
        raise refused(
            "root_unusable", "根证书文件不能使用。", next_step="请用 --root 指明 PEM 格式的根证书。"
        ) from None
    try:
        register = seal_register(seals or _configured_register())
    except (OSError, ValueError):
        raise refused(
            "register_unusable",
            "印章名录不能使用。",
            next_step="请用 --seals 指明印章名录（TOML），格式见 docs/papers.md。",
        ) from None
    return Trust(roots, register)


def content_of(subject: str) -> bytes | None:
    """The bytes of a file; None where the subject is a code itself.

    Raises:
        NoAnswer: there is no such file.
    """
    if subject.startswith(f"{FORMAT}."):
        return None
    path = Path(subject)
    if not is_file(path):
        raise not_found(f"没有文件“{subject}”，它也不是验证码。", "请核对文件名或者验证码。")
    return path.read_bytes()


async def verified(subject: bytes | str, trusted: Trust) -> Found:
    """A file or code that one may rely on.

    Raises:
        NoAnswer: anything else, with what is wrong.
    """
    seals: tuple[SealCheck, ...] = ()
    code = subject if isinstance(subject, str) else subject.decode(errors="ignore").strip()
    if isinstance(subject, bytes) and subject.startswith(PDF):
        seals, code = await _sealed(subject, trusted)
    checked = _genuine(code, trusted) if code or not seals else None
    if checked is not None and seals and not _by_the_same_seal(checked, seals):
        raise refused(
            "code_of_another",
            "文件中的验证码不是由盖在文件上的印章生成的。",
            next_step=ASK,
        )
    return Found(seals, checked)


def checked_against(found: Found, revocations: Path | None, trusted: Trust) -> CheckedList | None:
    """The list of withdrawn certificates that a certificate was looked up in; None without one.

    Raises:
        NoAnswer: `certificate_revoked` and its kin; `certificate_not_yet_effective`; a list that is
            not genuine, or older than the certificate.
    """
    claims = found.checked.claims if found.checked is not None else None
    if claims is not None and not claims.rehearsal and claims.issued_on > date.today():  # noqa: DTZ011
        raise _withdrawn(claims, CertificateStanding.NOT_YET, claims.issued_on)
    if revocations is None or claims is None:
        return None
    listed = _list_in(revocations, trusted, claims)
    said = listed.said.of(claims.number)
    if said is not None:
        raise _withdrawn(claims, said.standing, said.since)
    return listed


def as_json(found: Found, listed: CheckedList | None) -> dict[str, Any]:
    """The answer for a program."""
    claims = found.checked.claims if found.checked is not None else None
    return {
        "genuine": True,
        "certificate": claims.model_dump(mode="json") if claims else None,
        "seals": [
            {"name": item.name, "holder": item.holder, "set_at": item.set_at}
            for item in found.seals
        ],
        "demonstration": _is_demonstration(found),
        "revocation": "not_listed" if listed else "unknown",
        "revocations_as_of": listed.said.as_of if listed else None,
        "unchecked": _unchecked(found, listed),
    }


def show(found: Found, listed: CheckedList | None) -> None:
    """The answer for a person, with what was not checked."""
    parts: list[Any] = []
    if found.checked is not None:
        parts.append(tables.facts("证书为真", _rows(found.checked.claims)))
    if found.seals:
        rows = [(item.name, item.holder, tables.brief(item.set_at)) for item in found.seals]
        parts.append(tables.listing("电子印章有效", ("印章", "印章证书", "盖章时间"), rows))
    if _is_demonstration(found):
        parts.append("注意：印章为演示印章，没有法律效力。")
    if listed is not None:
        as_of = tables.moment(listed.said.as_of)
        parts.append(f"截至 {as_of}，该证书不在已撤销的证书名单中。")
    missing = "；".join(label("unchecked", key) for key in _unchecked(found, listed))
    parts.append(f"本次没有核对：{missing}。")
    tables.show(*parts)


def _configured_root() -> Path:
    """The root of the settings.

    Raises:
        NoAnswer: nothing is configured here: an outsider has the root as a file.
    """
    found = _settings()
    if found is None or found.seal_root is None:
        raise refused(
            "root_missing",
            "没有写明印章的根证书。",
            next_step="请用 --root 指明根证书文件（PEM）。",
        )
    return found.seal_root


def _configured_register() -> Path | None:
    found = _settings()
    return found.seal_register if found is not None else None


def _settings() -> Settings | None:
    try:
        return Settings.load()
    except SettingsError:
        return None


async def _sealed(content: bytes, trusted: Trust) -> tuple[tuple[SealCheck, ...], str]:
    """The seals of a PDF and the code that they cover.

    Raises:
        NoAnswer: no seal, or one that one must not rely on.
    """
    try:
        checks, code = await check_seals(content, trusted.roots), code_in(content)
    except PdfUnreadableError:
        raise refused(
            "unreadable", "文件已损坏或者不是 PDF。", next_step="请重新取得文件。"
        ) from None
    if not checks:
        # A genuine code in a file without a seal proves nothing of what the file shows.
        raise refused(
            "not_sealed",
            "该文件没有电子印章。",
            next_step="请核对文件；只有验证码的，请直接写验证码。",
        )
    for check in checks:
        if not (check.intact and check.valid):
            told = f"“{check.name}”的电子印章无效：文件在盖章后被改动。"
            raise refused("seal_broken", told, next_step=ASK)
    for check in checks:
        if check.changed_after:
            told = f"文件在加盖“{check.name}”的电子印章后又有改动。"
            raise refused("changed_after", told, next_step=ASK)
    for check in checks:
        if not check.trusted:
            raise refused(
                "seal_untrusted",
                f"“{check.name}”的电子印章不是由该根证书签发的。",
                next_step="请核对根证书是否为发证机构公布的根证书。",
            )
        if not trusted.register.knows(check.holder):
            raise _unknown_seal(check.holder)
    return checks, code


def _genuine(code: str, trusted: Trust) -> Checked:
    """Check a code, and that its seal may certify what it says.

    Raises:
        NoAnswer: `code_broken`, `code_untrusted`, `seal_not_entitled`.
    """
    try:
        checked = check_code(code, trusted.roots)
    except CodeError as err:
        told = {
            "format": ("code_broken", "这不是证书的验证码，或者验证码不完整。"),
            "signature": ("code_broken", "验证码与签名不符：内容被改动或者是伪造的。"),
            "untrusted": ("code_untrusted", "验证码不是由该根证书所签发的印章生成的。"),
        }
        name, message = told[err.reason]
        raise refused(name, message, next_step=ASK) from None
    holder = common_name(checked.certificate)
    if not trusted.register.may_certify(holder, checked.claims.committee):
        raise refused(
            "seal_not_entitled",
            f"“{holder}”的电子印章不能证明“{checked.claims.committee}”评出的职称。",
            next_step=ASK,
        )
    return checked


def _by_the_same_seal(checked: Checked, seals: tuple[SealCheck, ...]) -> bool:
    own = checked.certificate.public_bytes(Encoding.DER)
    return any(item.certificate == own for item in seals)


def _list_in(path: Path, trusted: Trust, claims: Claims) -> CheckedList:
    """The list in a file, by a seal that may certify this certificate's titles.

    Raises:
        NoAnswer: `revocations_unusable`, `revocations_too_old`.
    """
    try:
        listed = check_list(path.read_text(encoding="ascii"), trusted.roots)
    except (CodeError, OSError, ValueError):
        raise refused(
            "revocations_unusable",
            "已撤销证书名单不能使用：内容被改动，或者不是由该根证书所签发的印章出具的。",
            next_step="请重新向发证机构取得。",
        ) from None
    holder = common_name(listed.certificate)
    if not trusted.register.may_certify(holder, claims.committee):
        raise _unknown_seal(holder)
    if local_date(listed.said.as_of) < claims.issued_on:
        raise refused(
            "revocations_too_old",
            "已撤销证书名单早于证书的发证时间，不能用来核对这份证书。",
            next_step="请向发证机构取得新的名单。",
        )
    return listed


def _withdrawn(claims: Claims, standing: CertificateStanding, since: date | None) -> NoAnswer:
    words = label("certificate_standings", standing.value)
    day = f"（{tables.day(since)}）" if since else ""
    return refused(
        f"certificate_{standing.value}",
        f"证书 {claims.number} {words}{day}。",
        next_step="请向持证人和发证机构核实。",
    )


def _unknown_seal(holder: str) -> NoAnswer:
    return refused(
        "seal_not_registered",
        f"“{holder}”的电子印章不在发证机构的印章名录中。",
        next_step=ASK,
    )


def _unchecked(found: Found, listed: CheckedList | None) -> list[str]:
    revocation = [] if listed or found.checked is None else ["revocation"]
    return [*revocation, *found.unchecked]


def _is_demonstration(found: Found) -> bool:
    holders = [item.holder for item in found.seals]
    holders += [common_name(found.checked.certificate)] if found.checked else []
    return any(DEMO_MARK in holder for holder in holders)


def _rows(claims: Claims) -> list[tuple[str, str]]:
    return [
        ("证书编号", claims.number),
        ("姓名", claims.holder),
        ("证件号码", claims.id_number),
        ("专业", claims.profession),
        ("级别", claims.level),
        ("取得时间", tables.day(claims.obtained_on)),
        ("发证时间", tables.day(claims.issued_on)),
        ("批准文号", claims.document),
        ("评审机构", claims.committee),
        ("性质", "演练样张，不具有效力" if claims.rehearsal else ""),
    ]
