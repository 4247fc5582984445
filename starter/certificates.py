"""`zhiping certificate`: a certificate as the record has it, and the check that needs no record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, not_found, print_json, refused

if TYPE_CHECKING:
    from activities.papers.codes import Checked, Claims
    from activities.papers.verification import SealCheck

OFFLINE = "离线验证只能确认证书为真，不能得知发证后是否被撤销；能连上系统时请用 zhiping certificate show 核对。"
PDF = b"%PDF-"


@click.group("certificate", short_help="电子职称证书：查询、验证。")
def certificate() -> None:
    """电子职称证书的编号、日期和状态；凭证书文件或者验证码离线验证真伪。"""


@certificate.command("show", short_help="查询一件申报的证书。")
@click.argument("application", metavar="申报")
@options.as_json
@answering
async def certificate_show(application: str, as_json: bool) -> None:
    """一件申报的证书编号、取得时间、发证时间、批准文号，以及是否已被撤销。"""
    from activities.papers.store import PaperReading
    from activities.wording import label
    from starter import tables
    from starter.session import office
    from workflows.rules.names import EndName

    async with office() as opened:
        case = await opened.case(application)
        found = await PaperReading(opened.pool).certificate(case.realm, case.application)
    if found is None:
        raise not_found(
            "该申报还没有出具证书。", f"zhiping paper render certificate {case.application}"
        )
    revoked = case.end is EndName.REVOKED
    shown = {key: found[key] for key in ("number", "obtained_on", "issued_on", "document")}
    if as_json:
        more = {"application": case.application, "realm": case.realm, "holder": case.applicant}
        print_json(shown | more | {"level": found["level"], "revoked": revoked})
        return
    tables.show(
        tables.facts(
            f"电子职称证书 {found['number']}",
            (
                ("状态", "已撤销" if revoked else "有效"),
                ("姓名", case.applicant),
                ("专业", found["profession"]),
                ("级别", label("levels", found["level"])),
                ("取得时间", tables.day(found["obtained_on"])),
                ("发证时间", tables.day(found["issued_on"])),
                ("批准文号", found["document"]),
                ("申报", case.application),
            ),
        )
    )


@certificate.command("verify", short_help="离线验证证书文件或者验证码。")
@click.argument("subject", metavar="文件|验证码")
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PEM",
    help="印章的根证书；不写则用设置中的 seal_root。",
)
@options.as_json
@answering
async def certificate_verify(subject: str, root: Path | None, as_json: bool) -> None:
    """验证一份盖有电子印章的文件，或者证书上二维码中的验证码；不连接系统。

    验证码较长时可写入文本文件，再写文件名。
    """
    from activities.papers.seals import SealError, read_roots

    try:
        roots = read_roots((root or _configured_root()).read_bytes())
    except (OSError, SealError):
        raise refused(
            "root_unusable", "根证书文件不能使用。", next_step="请用 --root 指明 PEM 格式的根证书。"
        ) from None
    content = _content(subject)
    checks, code = await _read(content, roots) if content is not None else ((), subject)
    checked = _genuine(code, roots) if code or not checks else None
    if as_json:
        print_json(_as_json(checks, checked))
    else:
        _show(checks, checked)


def _configured_root() -> Path:
    """The root of the settings.

    Raises:
        NoAnswer: nothing is configured here: an outsider has the root as a file.
    """
    from config.settings import Settings, SettingsError

    try:
        found = Settings.load().seal_root
    except SettingsError:
        found = None
    if found is None:
        raise refused(
            "root_missing",
            "没有写明印章的根证书。",
            next_step="请用 --root 指明根证书文件（PEM）。",
        )
    return found


def _content(subject: str) -> bytes | None:
    """The bytes of a file; None where the subject is a code itself."""
    from activities.papers.codes import FORMAT

    if subject.startswith(f"{FORMAT}."):
        return None
    path = Path(subject)
    if not path.is_file():
        raise not_found(f"没有文件“{subject}”，它也不是验证码。", "请核对文件名或者验证码。")
    return path.read_bytes()


async def _read(content: bytes, roots: Any) -> tuple[tuple[SealCheck, ...], str]:
    """The seals of a PDF and the code in it; of a text the code alone.

    Raises:
        NoAnswer: neither, or a seal one must not rely on.
    """
    if not content.startswith(PDF):
        return (), content.decode(errors="ignore").strip()
    from activities.papers.verification import PdfUnreadableError, check_seals, code_in

    try:
        checks, code = await check_seals(content, roots), code_in(content)
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
    if broken := next((item for item in checks if not (item.intact and item.valid)), None):
        raise refused(
            "seal_broken",
            f"“{broken.name}”的电子印章无效：文件在盖章后被改动。",
            next_step="请勿采信，并向发证机构核实。",
        )
    if changed := next((item for item in checks if item.changed_after), None):
        raise refused(
            "changed_after",
            f"文件在加盖“{changed.name}”的电子印章后又有改动。",
            next_step="请勿采信，并向发证机构核实。",
        )
    if unknown := next((item for item in checks if not item.trusted), None):
        raise refused(
            "seal_untrusted",
            f"“{unknown.name}”的电子印章不是由该根证书签发的。",
            next_step="请核对根证书是否为发证机构公布的根证书。",
        )
    return checks, code


def _genuine(code: str, roots: Any) -> Checked:
    """Check a code.

    Raises:
        NoAnswer: `code_broken`, `code_untrusted`.
    """
    from activities.papers.codes import CodeError, check_code

    try:
        return check_code(code, roots)
    except CodeError as err:
        told = {
            "format": ("code_broken", "这不是证书的验证码，或者验证码不完整。"),
            "signature": ("code_broken", "验证码与签名不符：内容被改动或者是伪造的。"),
            "untrusted": ("code_untrusted", "验证码不是由该根证书所签发的印章生成的。"),
        }
        name, message = told[err.reason]
        raise refused(name, message, next_step="请勿采信，并向发证机构核实。") from None


def _as_json(checks: tuple[SealCheck, ...], checked: Checked | None) -> dict[str, Any]:
    from activities.papers.seals import DEMO_MARK, common_name

    holders = [item.holder for item in checks]
    holders += [common_name(checked.certificate)] if checked else []
    return {
        "genuine": True,
        "certificate": checked.claims.model_dump(mode="json") if checked else None,
        "seals": [
            {"name": item.name, "holder": item.holder, "set_at": item.set_at} for item in checks
        ],
        "demonstration": any(DEMO_MARK in holder for holder in holders),
        "revocation": "unknown",
    }


def _show(checks: tuple[SealCheck, ...], checked: Checked | None) -> None:
    from activities.papers.seals import DEMO_MARK, common_name
    from starter import tables

    parts: list[Any] = []
    if checked is not None:
        parts.append(tables.facts("证书为真", _rows(checked.claims)))
    if checks:
        rows = [(item.name, item.holder, tables.brief(item.set_at)) for item in checks]
        parts.append(tables.listing("电子印章有效", ("印章", "印章证书", "盖章时间"), rows))
    holders = [item.holder for item in checks] + (
        [common_name(checked.certificate)] if checked else []
    )
    if any(DEMO_MARK in holder for holder in holders):
        parts.append("注意：印章为演示印章，没有法律效力。")
    if checked is not None:
        parts.append(OFFLINE)
    tables.show(*parts)


def _rows(claims: Claims) -> list[tuple[str, str]]:
    from starter import tables

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


commands: list[click.Command] = [certificate]
