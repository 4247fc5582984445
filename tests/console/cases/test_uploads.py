"""Files uploaded within the form of an act: kept through errors, looked at, sealed, given to who may."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from starter.console.house import House
from starter.desk.office import Office
from tests.clamd import BAD, clamd_at
from tests.console.cases.conftest import UNIT, Comes, Goes
from tests.console.cases.test_case_pages import REQUEST, acts_of
from tests.console.conftest import Browser
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

PDF = b"%PDF-1.7\nthe contract\n%%EOF"
UPLOAD = re.compile(r'name="(files\.\d+\.file|attachments)" value="(upload-[^"]+)"')
LIU = f"liu@{UNIT}"
RETURN = '{"items": [{"subject": "achievement:a1", "text": "缺合同"}], "days": 3}'


@pytest.fixture
async def applicant(zhiping: CommandLine, case: str, comes: Comes) -> Browser:
    """The applicant, whose application was returned."""
    await zhiping.json("act", case, "return_for_correction", "--as", LIU, "--with", RETURN)
    submitted = (await zhiping.json("show", case))["timeline"][0]
    return await comes(submitted["actor"])


def chosen(page: str) -> list[tuple[str, str]]:
    """The files that are in a form, by the field."""
    return UPLOAD.findall(page)


async def form(browser: Browser, path: str) -> dict[str, str]:
    """An act's form, as far as it must be stated again."""
    answer = await browser.get(path)
    assert answer.status_code == 200, browser.page
    assert 'enctype="multipart/form-data"' in browser.page
    return {"qingqiu": REQUEST.findall(browser.page)[0]}


async def test_a_file_stays_through_errors_is_sealed_and_is_given_to_who_may(
    zhiping: CommandLine, case: str, applicant: Browser, comes: Comes, stack_house: House
) -> None:
    path = f"/anjuan/{case}/ban/resubmit"
    typed = await form(applicant, path)
    typed |= {"files.0.kind": "contract", "files.0.achievement": "achievement:a1", "note": "已补"}
    bad = {"files.0.file": ("合同.pdf", b"<html>not what it says</html>", "application/pdf")}
    refused = await applicant.post(path, typed, files=bad)
    assert refused.status_code == 422
    assert 'href="#files"' in applicant.page
    assert "“合同”不是可以上传的文件" in applicant.page
    assert "已补" in applicant.page

    good = {"files.0.file": ("材料\\合同.exe", PDF, "text/html")}
    brought = await applicant.post(path, typed | {"jia": "shangchuan"}, files=good)
    assert brought.status_code == 200, applicant.page
    [(name, upload)] = chosen(applicant.page)
    assert name == "files.0.file"
    assert "合同.pdf（1 KB）" in applicant.page

    # Another error: the file is still there; taken out, it is gone; and it can be brought again.
    kept = {name: upload}
    wrong = await applicant.post(path, typed | kept | {"answers.0.item": "9.9"}, files={})
    assert chosen(applicant.page) == [(name, upload)], wrong.status_code
    await applicant.post(path, typed | kept | {"shanchu": f"{name}={upload}"})
    assert chosen(applicant.page) == []
    typed["files.0.achievement"] = "a1"
    sound = await applicant.post(path, typed | kept)
    assert sound.status_code == 303, applicant.page
    check = sound.headers["location"]
    await applicant.get(check)
    assert "合同.pdf" in applicant.page
    assert (await applicant.post(check)).status_code == 303
    assert (await acts_of(zhiping, case))[-1] == "resubmit"

    liu = await comes("liu")
    await liu.get(f"/anjuan/{case}/cailiao")
    address = f"/anjuan/{case}/wenjian/{upload}"
    assert address in liu.page
    given = await liu.get(address)
    assert given.content == PDF
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-disposition"].startswith("attachment;")
    at_rest = [
        item.read_bytes()
        for item in stack_house.office.settings.documents_dir.rglob("*")
        if item.is_file()
    ]
    assert at_rest
    assert not any(b"the contract" in content for content in at_rest)
    stranger = await comes("wu")
    assert (await stranger.get(address)).status_code == 404


async def test_nobody_takes_anothers_file_into_a_case(
    zhiping: CommandLine, case: str, applicant: Browser, comes: Comes, tmp_path: object
) -> None:
    """Who may see a case may fetch its files: a file that is another's is none of it."""
    liu = await comes("liu")
    path = f"/anjuan/{case}/ban/respond_to_inquiry"
    file = f"{zhiping.folder.parent}/theirs.pdf"
    with open(file, "wb") as out:  # noqa: ASYNC230 - some bytes for the command line
        out.write(PDF + b"of the unit")
    theirs = (await zhiping.json("upload", case, file, "--as", LIU))["id"]
    resubmit = f"/anjuan/{case}/ban/resubmit"
    typed = await form(applicant, resubmit)
    stated = {"files.0.file": theirs, "files.0.kind": "contract", "files.0.achievement": "a1"}
    await applicant.post(resubmit, typed | stated | {"jia": "files"})
    assert theirs not in applicant.page
    body = f'{{"files": [{{"file": "{theirs}", "achievement": "a1"}}]}}'
    refused = await zhiping("act", case, "resubmit", "--as", "applicant", "--with", body, code=3)
    assert "不是您本人上传的" in refused.err
    assert (await liu.get(f"/anjuan/{case}/wenjian/{theirs}")).status_code == 404
    assert (await liu.get(path)).status_code in (200, 404)


async def test_the_same_bytes_of_another_keep_their_own_title(
    zhiping: CommandLine, case: str, applicant: Browser
) -> None:
    folder = zhiping.folder.parent
    for name in ("甲.pdf", "乙.pdf"):
        with open(folder / name, "wb") as out:  # noqa: ASYNC230 - some bytes for the command line
            out.write(PDF)
    first = await zhiping.json("upload", case, str(folder / "甲.pdf"), "--as", LIU)
    second = await zhiping.json("upload", case, str(folder / "乙.pdf"), "--as", "applicant")
    assert first["sha256"] == second["sha256"]
    assert (first["title"], second["title"]) == ("甲.pdf", "乙.pdf")
    await form(applicant, f"/anjuan/{case}/ban/resubmit")


@pytest.fixture
async def scanned(stack_house: House) -> AsyncIterator[House]:
    """The house with a scanner, and a limit of one megabyte."""
    async with clamd_at("127.0.0.1") as clamd:
        found = stack_house.office
        settings = found.settings.model_copy(
            update={"scanner_address": clamd.address, "upload_megabytes": 1}
        )
        yield replace(
            stack_house, office=Office(settings, found.pool, found.identity, found.intake)
        )


async def test_what_is_found_or_too_large_is_not_taken_and_the_rest_stays(
    case: str, applicant: Browser, scanned: House, goes: Goes
) -> None:
    here = goes(scanned, applicant)
    path = f"/anjuan/{case}/ban/resubmit"
    typed = await form(here, path)
    typed["note"] = "附合同"
    files = [
        ("files.0.file", ("坏.pdf", b"%PDF-1.7 " + BAD, "application/pdf")),
        ("files.1.file", ("大.pdf", b"%PDF-1.7 " + b"0" * 3_000_000, "application/pdf")),
        ("files.2.file", ("好.pdf", PDF, "application/pdf")),
    ]
    answer = await here.post(path, typed, files=files)
    assert answer.status_code == 422
    assert "“坏”没有通过安全检查" in here.page
    assert "“大”超过 1 MB" in here.page
    assert len(chosen(here.page)) == 1
    assert "附合同" in here.page


async def test_where_the_scanner_is_away_no_file_is_taken(
    case: str, applicant: Browser, scanned: House, goes: Goes
) -> None:
    office = scanned.office
    away = office.settings.model_copy(update={"scanner_address": "127.0.0.1:1"})
    house = replace(scanned, office=Office(away, office.pool, office.identity, office.intake))
    here = goes(house, applicant)
    path = f"/anjuan/{case}/ban/resubmit"
    typed = await form(here, path)
    answer = await here.post(
        path, typed, files={"files.0.file": ("好.pdf", PDF, "application/pdf")}
    )
    assert answer.status_code == 422
    assert "暂时不能检查文件是否安全" in here.page
    assert chosen(here.page) == []
