"""`zhiping certificate`: a certificate as the record has it, and the check that needs no record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found
from starter.later import later
from starter.private_files import write_private

with later():
    from activities import seeing, wording
    from activities.papers import standing as papers_standing
    from activities.papers import store
    from starter import session, tables, verifying
    from starter.desk import eyes, papers


if TYPE_CHECKING:
    from activities.papers.standing import Standing
    from activities.views import CaseView
    from starter.layout import Facts

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("certificate")
def certificate() -> None:
    """电子职称证书的编号、日期和状态；凭证书文件或者验证码离线验证真伪。"""


@certificate.command("show", short_help="查询一件申报的证书。")
@click.argument("application", metavar="申报")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def certificate_show(application: str, who: tuple[str, str], as_json: bool) -> None:
    """一件申报的证书编号、取得时间、发证时间、批准文号和状态：有效、尚未生效、重新评审中、已被取代、已撤销。"""
    async with session.office() as opened:
        case = await opened.case(application)
        (await eyes.eyes_of(opened, who, case)).check(seeing.Section.CASE)
        found = await store.PaperReading(opened.pool).certificates(case.realm, case.application)
        kept = await opened.reading.state(case.application)
        today = (await opened.time_in(await opened.realm(case.realm))).date()
    if not found or kept is None:
        raise not_found(
            "该申报还没有出具证书。", f"zhiping paper render certificate {case.application}"
        )
    stands = [
        papers_standing.standing_of(kept, item["issued_on"], item["document"], today)
        for item in found
    ]
    all_of_them = list(zip(found, stands, strict=True))
    if as_json:
        print_json(_shown(*all_of_them[-1], case) | {"earlier": _earlier(all_of_them[:-1])})
        return
    tables.show(*(_page(item, standing, case) for item, standing in reversed(all_of_them)))


@certificate.command("revoked", short_help="出具已撤销、已被取代的证书名单，供离线验证。")
@click.option("--out", required=True, type=options.Out(), metavar="文件", help="写到这个文件。")
@options.acting_as()
@options.realm
@options.request_id
@options.as_json
@answering
async def certificate_revoked(
    out: Path, who: tuple[str, str], realm: str, request_id: str, as_json: bool
) -> None:
    """由发证的职改办出具：当前已撤销、已被取代、正在重新评审的证书编号，加盖电子印章，只有编号，没有姓名。

    交给用人单位等，验证时用 certificate verify --revocations 指明。
    """
    async with session.office(realm) as opened:
        outcome = await opened.operate("seal_withdrawals", who, {}, realm, request_id, {})
        content = await papers.stored_content(opened, outcome.params["sha256"])
    write_private(out, content)
    if as_json:
        print_json({"file": str(out), "count": outcome.count})
    else:
        click.echo(f"名单已写入 {out}，共 {outcome.count} 份证书。")


@certificate.command("verify", short_help="离线验证证书文件或者验证码。")
@click.argument("subject", metavar="文件|验证码")
@click.option("--root", type=FILE, metavar="PEM", help="印章的根证书；不写则用设置中的 seal_root。")
@click.option(
    "--revocations",
    type=FILE,
    metavar="文件",
    help="发证机构出具的已撤销证书名单（certificate revoked）；不写则不能得知是否已撤销。",
)
@click.option(
    "--seals",
    type=FILE,
    metavar="TOML",
    help="印章名录：哪一印章可以证明哪些评委会的职称；不写则用设置中的或者随软件提供的。",
)
@options.as_json
@answering
async def certificate_verify(
    subject: str, root: Path | None, revocations: Path | None, seals: Path | None, as_json: bool
) -> None:
    """验证一份盖有电子印章的文件，或者证书上二维码中的验证码；不连接系统。

    验证码较长时可写入文本文件，再写文件名。没有核对的事项逐项列明。
    """
    trusted = verifying.trust(root, seals)
    content = verifying.content_of(subject)
    found = await verifying.verified(subject if content is None else content, trusted)
    listed = verifying.checked_against(found, revocations, trusted)
    if as_json:
        print_json(verifying.as_json(found, listed))
    else:
        verifying.show(found, listed)


def _shown(item: Mapping[str, Any], standing: Standing, case: CaseView) -> dict[str, Any]:
    """A certificate for a program."""
    shown = {key: item[key] for key in ("number", "obtained_on", "issued_on", "document", "level")}
    more = {"application": case.application, "realm": case.realm, "holder": case.applicant}
    stands = {"status": standing.standing.value, "since": standing.since}
    return shown | more | stands | {"revoked": standing.standing.value == "revoked"}


def _earlier(items: Iterable[tuple[Mapping[str, Any], Standing]]) -> list[dict[str, Any]]:
    return [
        {"number": item["number"], "status": standing.standing.value, "since": standing.since}
        for item, standing in items
    ]


def _page(item: Mapping[str, Any], standing: Standing, case: CaseView) -> Facts:
    since = f"（{tables.day(standing.since)}）" if standing.since else ""
    return tables.facts(
        f"电子职称证书 {item['number']}",
        (
            ("状态", wording.label("certificate_standings", standing.standing.value) + since),
            ("姓名", case.applicant),
            ("专业", item["profession"]),
            ("级别", wording.label("levels", item["level"])),
            ("取得时间", tables.day(item["obtained_on"])),
            ("发证时间", tables.day(item["issued_on"])),
            ("批准文号", item["document"]),
            ("申报", case.application),
        ),
    )


commands: list[click.Command] = [certificate]
